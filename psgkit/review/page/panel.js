// The panel beside the signals: list of marks, indices before and after, cautions, facts of a mark.

import {isMovement, isOfSensor, isRespiratory, kindOf} from "./plot.js";
import {_, shortNumber} from "./words.js";

const by = id => document.getElementById(id);

const FILTERS = [
  ["lm", _("all movements"), isMovement],
  ["undecided", _("movements not yet decided"), mark => isMovement(mark) && mark.status === "undecided"],
  ["emg", _("movements in EMG"), mark => mark.kind === "lm"],
  ["accelerometer", _("movements of accelerometers"), isOfSensor],
  ["near_bound", _("near a bound of a rule"), mark => has(mark, "near_bound")],
  ["short_interval", _("only short intervals"), mark => has(mark, "short_interval")],
  ["low_amplitude", _("low amplitude"), mark => has(mark, "low_amplitude")],
  ["one_leg", _("only one leg"), mark => has(mark, "one_leg")],
  ["changed", _("changed by a scorer"), mark => mark.changed || mark.origin === "added" || mark.status !== "undecided"],
  ["arousal", _("arousals"), mark => mark.kind === "arousal"],
  ["respiratory", _("respiratory events"), mark => isRespiratory(mark.kind)],
  ["artifact", _("artefacts"), mark => mark.kind === "artifact"],
  ["all", _("everything"), () => true],
];
const FIRST = ["plms_index", "plmw_index", "plm_index", "plms_arousal_index", "lm_index", "arousal_index", "ahi", "tst_min", "se_pct"];
const SITES = /^(arm|trunk|accelerometer)/;
const RULES = {
  duration_min: [_("lasts"), _("at least")], duration_max: [_("lasts"), _("at most")],
  interval_min: [_("interval"), _("at least")], interval_max: [_("interval"), _("at most")],
  arousal_window: [_("from an arousal"), _("window ends at")],
  respiratory_window: [_("from a breathing event"), _("window ends at")],
  join_gap: [_("gap to the next of this site"), _("joined up to")],
  bilateral_gap: [_("gap to the other side"), _("one movement up to")],
  amplitude: [_("amplitude"), _("threshold")], series: [_("series of"), _("at least")],
};
const has = (mark, flag) => (mark.flags || []).includes(flag);

export const numberWords = value => {
  if (value === null || value === undefined) return "\u2013";
  if (typeof value !== "number") return String(value);
  return Number.isInteger(value) ? String(value) : shortNumber(value, Math.abs(value) < 10 ? 2 : 1);
};

const SITE_WORDS = {left_leg: _("left leg"), right_leg: _("right leg"), both_legs: _("both legs"), left_arm: _("left arm"),
  right_arm: _("right arm"), both_arms: _("both arms"), trunk: _("trunk"), whole_body: _("whole body")};
export const siteWords = site => SITE_WORDS[site] ?? (site || "").replaceAll("_", " ");
const unitWords = unit => (unit || "").replace(/^u(?=V)/, "\u00b5");

export function element(name, text = "", kind = "") {
  const made = document.createElement(name);
  if (text) made.textContent = text;
  if (kind) made.className = kind;
  return made;
}

export function marginWords(mark) {
  const {margin} = mark;
  if (!margin) return "";
  const unit = unitWords(margin.unit);
  const [what, bound] = RULES[margin.rule] || [margin.rule.replaceAll("_", " "), "bound"];
  return `${what} ${numberWords(margin.value)} ${unit}, ${bound} ${numberWords(margin.bound)}`;
}

export function clockAndLength(app, mark) {
  return `${app.clock(mark.onset_s)}, ${shortNumber(mark.end_s - mark.onset_s, 1)} s`;
}

// what moved: a site, or an accelerometer by its place
export function movedWords(app, mark) {
  if (!isOfSensor(mark)) return siteWords(mark.site);
  const place = app.sensorWords(mark.sensor);
  return mark.kind === "gross_movement" ? _("{place}, gross movement", {place}) : _("{place}, accelerometer", {place});
}

function statusWords(mark) {
  if (mark.status === "rejected") return _("rejected");
  return mark.origin === "added" ? _("added") : _("accepted");
}

export class Panel {
  constructor(app) {
    this.app = app;
    this.shown = [];
    for (const [value, words] of FILTERS) {
      const option = element("option", words);
      option.value = value;
      by("filter").append(option);
    }
    by("filter").addEventListener("change", () => this.list());
    by("sort").addEventListener("change", () => this.list());
    by("list").addEventListener("click", event => {
      const row = event.target.closest("li");
      if (row) app.choose(row.dataset.id);
    });
    by("list").addEventListener("dblclick", event => {
      const row = event.target.closest("li");
      if (row) app.decide("accept", row.dataset.id);
    });
    by("list").addEventListener("keydown", event => this.keys(event));
    this.tabs();
  }

  tabs() {
    const tabs = [...document.querySelectorAll("[role=tab]")];
    const open = tab => {
      for (const one of tabs) {
        const chosen = one === tab;
        one.setAttribute("aria-selected", String(chosen));
        one.tabIndex = chosen ? 0 : -1;
        by(one.getAttribute("aria-controls")).hidden = !chosen;
      }
    };
    for (const tab of tabs) {
      tab.addEventListener("click", () => open(tab));
      tab.addEventListener("keydown", event => {
        const step = {ArrowRight: 1, ArrowLeft: -1}[event.key];
        if (!step) return;
        event.stopPropagation();
        const seen = tabs.filter(one => !one.hidden);
        const next = seen[(seen.indexOf(tab) + step + seen.length) % seen.length];
        open(next);
        next.focus();
      });
    }
  }

  keys(event) {
    const at = this.shown.findIndex(mark => mark.id === this.app.chosen);
    const next = {ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: this.shown.length - 1,
      PageDown: at + 10, PageUp: at - 10}[event.key];
    if (next === undefined || !this.shown.length) return;
    event.preventDefault();
    event.stopPropagation();
    this.app.choose(this.shown[Math.min(this.shown.length - 1, Math.max(0, next))].id);
  }

  // everything, after the state changed
  fill() {
    this.list();
    this.indices();
    this.cautions();
    this.app.differs.fill();
    this.facts();
  }

  list() {
    const {app} = this;
    const fits = FILTERS.find(([value]) => value === by("filter").value)[2];
    this.shown = app.order.filter(fits);
    if (by("sort").value === "doubt") {
      // what is decided has no doubt any more, and stays where it was
      this.shown.sort((one, two) => app.doubtOf(two) - app.doubtOf(one) || one.onset_s - two.onset_s);
    }
    by("list").replaceChildren(...this.shown.map((mark, k) => this.row(mark, k)));
    const moved = app.order.filter(isMovement);
    const decided = moved.filter(mark => mark.status !== "undecided").length;
    const all = moved.length;
    by("count").textContent = _("{shown} shown; {n} of {all} movements decided", {shown: this.shown.length, n: decided, all});
    this.choose();
  }

  row(mark, k) {
    const row = element("li", "", `${kindOf(mark)} ${mark.status}`);
    row.id = `row-${k}`;
    row.dataset.id = mark.id;
    row.setAttribute("role", "option");
    row.setAttribute("aria-selected", "false");
    row.append(element("span", "", "dot"), element("span", this.app.clock(mark.onset_s)));
    const length = `${shortNumber(mark.end_s - mark.onset_s, 1)} s`;
    const what = isMovement(mark) ? `${movedWords(this.app, mark)}, ${length}` : `${this.app.kindWords(mark.kind)}, ${length}`;
    row.append(element("span", what, "what"));
    row.append(element("span", mark.status === "undecided" ? "" : statusWords(mark), "status"));
    const why = [mark.doubt > 0 ? marginWords(mark) : "", mark.comment ? `\u201c${mark.comment}\u201d` : ""].filter(Boolean).join("; ");
    if (why) row.append(element("span", why, "why"));
    return row;
  }

  choose() {
    const list = by("list");
    list.querySelector("[aria-selected=true]")?.setAttribute("aria-selected", "false");
    const at = this.shown.findIndex(mark => mark.id === this.app.chosen);
    if (at < 0) {
      list.removeAttribute("aria-activedescendant");
      return;
    }
    const row = list.children[at];
    row.setAttribute("aria-selected", "true");
    list.setAttribute("aria-activedescendant", row.id);
    // only the list scrolls, never the page
    const top = row.offsetTop - list.offsetTop;
    if (top < list.scrollTop || top + row.offsetHeight > list.scrollTop + list.clientHeight) {
      list.scrollTop = top - list.clientHeight / 2;
    }
  }

  indices() {
    const {indices, words, blind} = this.app.state;
    const parts = [];
    const groups = Object.keys(indices.after);
    // of arms, trunk and sensors only what there is
    const isFirst = (group, name) => name in indices.after[group]
      && (!SITES.test(group) || indices.after[group][name].value !== null);
    const headline = groups.flatMap(group => FIRST.filter(name => isFirst(group, name)).map(name => [group, name]));
    parts.push(element("h3", _("At a glance")), this.table(headline, true), element("h3", _("All indices")));
    for (const group of groups) {
      const names = Object.keys(indices.after[group]);
      if (!names.length) continue;
      const fold = element("details");
      fold.dataset.group = group;
      fold.open = [...by("indices").querySelectorAll("details")].some(one => one.open && one.dataset.group === group);
      fold.append(element("summary", words[group]?.title || group), this.table(names.map(name => [group, name]), false));
      parts.push(fold);
    }
    if (blind) parts.unshift(element("p", _("Blind review: what psgkit found is hidden."), "faint"));
    by("indices").replaceChildren(...parts);
  }

  // a consensus shows the figures of both sides, else what was found before the review
  columns() {
    const {indices, blind, consensus} = this.app.state;
    if (consensus) return [["A", indices.sides[0]], ["B", indices.sides[1]], [_("Now"), indices.after]];
    return blind ? [[_("Now"), indices.after]] : [[_("Before"), indices.before], [_("Now"), indices.after]];
  }

  table(rows, named) {
    const {indices, words, consensus} = this.app.state;
    const columns = this.columns();
    const table = element("table");
    const head = table.createTHead().insertRow();
    head.append(element("th"), ...columns.map(([text]) => element("th", text, "number")));
    const body = table.createTBody();
    for (const [group, name] of rows) {
      const row = body.insertRow();
      const label = words[group]?.indices[name];
      const title = named && SITES.test(group) ? `${label?.label || name}, ${(words[group]?.title || group).toLowerCase()}` : label?.label || name;
      const head = element("th", label?.unit ? `${title}, ${label.unit}` : title);
      head.scope = "row";
      if (label?.definition) head.title = label.definition;
      row.append(head);
      const was = columns.length > 1 ? columns[0][1]?.[group]?.[name] : null;
      for (const [, values] of columns) {
        const index = values?.[group]?.[name];
        const changed = !consensus && values === indices.after && was && was.value !== index.value;
        const cell = element("td", numberWords(index?.value), `number ${changed ? "changed" : ""}`);
        if (index?.reason) {
          cell.title = index.reason;
          cell.setAttribute("aria-label", _("not computed: {reason}", {reason: index.reason}));
        }
        row.append(cell);
      }
    }
    return table;
  }

  cautions() {
    const rows = this.app.state.cautions.map(one => {
      const row = element("li", "", one.severity || "");
      row.append(element("p", one.message));
      if (one.advice) row.append(element("p", one.advice, "faint"));
      return row;
    });
    by("cautions").replaceChildren(...(rows.length ? rows : [element("li", _("None."), "info")]));
    by("tab-cautions").textContent = rows.length ? _("Cautions ({n})", {n: rows.length}) : _("Cautions");
  }

  facts() {
    if (this.app.differs.facts()) return;
    const mark = this.app.marks.get(this.app.chosen);
    for (const button of document.querySelectorAll("#chosen [data-do]")) {
      button.disabled = !mark && button.dataset.do !== "next";
    }
    if (!mark) {
      by("facts").textContent = _("No mark is chosen. Press n for the most doubtful one, j for the next in time.");
      return;
    }
    const said = [
      `${isMovement(mark) ? _("Movement, {site}", {site: movedWords(this.app, mark)}) : this.app.kindWords(mark.kind)}, ${this.app.clock(mark.onset_s)}, ${shortNumber(mark.end_s - mark.onset_s, 2)} s`,
      mark.amplitude === null || mark.amplitude === undefined ? "" : _("{value} {unit} above rest", {value: numberWords(mark.amplitude), unit: unitWords(mark.amplitude_unit)}),
      mark.stage && mark.stage !== "UNSCORED" ? _("stage {code}", {code: mark.stage}) : "",
      mark.imi_s ? _("{n} s after the one before", {n: shortNumber(mark.imi_s, 1)}) : "",
      mark.plm ? _("periodic") : mark.candidate ? _("candidate, not periodic") : isMovement(mark) ? _("no candidate") : "",
      mark.respiratory ? _("with a respiratory event") : "",
      mark.arousal ? _("with an arousal") : "",
      mark.doubt > 0 && mark.margin ? _("look at: {what}", {what: marginWords(mark)}) : "",
      mark.status === "undecided" ? _("not decided") : statusWords(mark),
      isOfSensor(mark) && !this.app.plot.rowsOf(mark).length ? _("its channels are hidden: Channels... shows them") : "",
      mark.comment ? `\u201c${mark.comment}\u201d` : "",
    ];
    by("facts").textContent = `${said.filter(Boolean).join(" \u00b7 ")}`;
  }
}
