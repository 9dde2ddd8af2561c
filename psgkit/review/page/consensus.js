// Where two reviews differ: the list, the marks of both over the signals, and what the keys decide.

import {clockAndLength, element, movedWords, siteWords} from "./panel.js";
import {isMovement, isRespiratory} from "./plot.js";
import {_, shortNumber} from "./words.js";

const by = id => document.getElementById(id);
const SIDES = ["A", "B"];
export const SIDE_COLOURS = ["accent", "stage-r"];
const isMark = one => ["only_first", "only_second", "edges", "site", "kind"].includes(one.kind);
const markOf = one => one.marks[0] ?? one.marks[1];

export class Differences {
  constructor(app) {
    this.app = app;
    this.chosen = null;
    this.shown = [];
    const filters = [
      ["open", _("not yet decided"), one => !this.decided(one)],
      ["all", _("all disagreements"), () => true],
      ["lm", _("movements"), one => isMovement(markOf(one) ?? {})],
      ["only_first", _("only A marked it"), one => one.kind === "only_first"],
      ["only_second", _("only B marked it"), one => one.kind === "only_second"],
      ["edges", _("edges differ"), one => one.kind === "edges"],
      ["site", _("site or kind differs"), one => one.kind === "site" || one.kind === "kind"],
      ["stages", _("stages differ"), one => one.kind === "stages"],
      ["events", _("arousals and breathing"), one => ["arousal"].includes(markOf(one)?.kind) || isRespiratory(markOf(one)?.kind ?? "")],
      ["decided", _("decided"), one => this.decided(one)],
    ];
    this.fits = new Map(filters.map(([value, , fits]) => [value, fits]));
    for (const [value, words] of filters) by("differ-filter").append(new Option(words, value));
    by("differ-filter").value = "all";
    by("differ-filter").addEventListener("change", () => this.fill());
    by("differ-list").addEventListener("click", event => {
      const row = event.target.closest("li");
      if (row) this.choose(row.dataset.id);
    });
    by("differ-list").addEventListener("keydown", event => this.keys(event));
  }

  get on() {
    return Boolean(this.app.state?.consensus);
  }

  get all() {
    return this.app.state.consensus.disagreements;
  }

  // whether keys step through disagreements
  get leads() {
    return this.on && by("tab-differ").getAttribute("aria-selected") === "true";
  }

  get one() {
    return this.on ? this.all.find(one => one.id === this.chosen) : undefined;
  }

  decided(one) {
    return this.app.state.decided[one.id] ?? "";
  }

  // at the start
  open() {
    by("tab-differ").hidden = !this.on;
    if (this.on && !this.opened) {
      this.opened = true;
      by("tab-differ").click();
    }
  }

  choose(id) {
    const one = this.all.find(each => each.id === id);
    if (!one) return;
    this.chosen = id;
    const {app} = this;
    const mark = one.marks.find(each => each && app.marks.has(each.id));
    const {from, length} = app.view;
    const long = one.end_s - one.onset_s > 0.9 * length;
    if (one.onset_s < from + length * 0.05 || one.end_s > from + length * 0.95) {
      app.show(long ? one.onset_s - length * 0.1 : (one.onset_s + one.end_s) / 2 - length / 2);
    }
    app.setCursor(one.onset_s);
    app.choose(mark?.id ?? null, {scroll: false, follow: false});
  }

  // the disagreement of a mark that was chosen elsewhere
  follow(markId) {
    if (!this.on) return;
    this.chosen = this.all.find(one => one.marks.some(mark => mark?.id === markId))?.id ?? null;
    this.select();
  }

  step(direction) {
    const at = this.shown.findIndex(one => one.id === this.chosen);
    let next = this.shown[at + direction];
    if (at < 0) {
      next = direction > 0 ? this.shown.find(one => one.onset_s >= this.app.cursor) ?? this.shown[0]
        : this.shown.findLast(one => one.onset_s < this.app.cursor);
    }
    if (next) this.choose(next.id);
    else this.app.say(direction > 0 ? _("That was the last disagreement of the list.") : _("That was the first disagreement of the list."));
  }

  next() {
    const left = this.all.filter(one => !this.decided(one));
    if (!left.length) {
      this.app.say(_("All disagreements are decided. Sign the consensus when you are done."));
      return;
    }
    const at = this.all.findIndex(one => one.id === this.chosen);
    this.choose((this.all.slice(at + 1).find(one => !this.decided(one)) ?? left[0]).id);
  }

  // returns whether there was a disagreement to decide
  take(side) {
    const {one} = this;
    if (!one) return false;
    if (!one.takes.includes(side)) {
      this.app.say(one.kind === "stages" ? _("An epoch has one stage: take A's, B's or neither.") : _("Take A's or B's lights."));
      return true;
    }
    // the same key again takes a decision back
    this.app.change({action: "decide", id: one.id, take: this.decided(one) === side ? "" : side});
    return true;
  }

  keys(event) {
    const at = this.shown.findIndex(one => one.id === this.chosen);
    const next = {ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: this.shown.length - 1,
      PageDown: at + 10, PageUp: at - 10}[event.key];
    if (next === undefined || !this.shown.length) return;
    event.preventDefault();
    event.stopPropagation();
    this.choose(this.shown[Math.min(this.shown.length - 1, Math.max(0, next))].id);
  }

  fill() {
    if (!this.on) return;
    const {sides} = this.app.state.consensus;
    const fits = this.fits.get(by("differ-filter").value);
    this.shown = this.all.filter(fits);
    by("differ-list").replaceChildren(...this.shown.map(one => this.row(one)));
    const decided = this.all.filter(one => this.decided(one)).length;
    by("differ-count").textContent = _("{n} of {all} decided; {shown} shown", {n: decided, all: this.all.length, shown: this.shown.length});
    by("differ-bar").max = Math.max(1, this.all.length);
    by("differ-bar").value = decided;
    by("differ-names").replaceChildren(...sides.map((side, k) => {
      const name = element("span", "", `side side-${k}`);
      name.append(element("b", SIDES[k]), ` ${side.name}`);
      return name;
    }));
    by("tab-differ").textContent = _("Disagreements ({n})", {n: this.all.length - decided});
    this.select();
  }

  row(one) {
    const take = this.decided(one);
    const row = element("li", "", take ? "accepted" : "");
    row.id = `row-${one.id}`;
    row.dataset.id = one.id;
    row.setAttribute("role", "option");
    row.setAttribute("aria-selected", "false");
    row.append(element("span", "", `dot ${one.kind}`), element("span", this.app.clock(one.onset_s)));
    row.append(element("span", this.title(one), "what"), element("span", this.takeWords(take), "status"));
    const why = element("span", "", "why");
    for (const [k, words] of this.sidesOf(one).entries()) {
      const side = element("span", "", `side side-${k}`);
      side.append(element("b", SIDES[k]), ` ${words}`);
      why.append(side, " ");
    }
    row.append(why);
    return row;
  }

  select() {
    const list = by("differ-list");
    list.querySelector("[aria-selected=true]")?.setAttribute("aria-selected", "false");
    const row = this.chosen && document.getElementById(`row-${this.chosen}`);
    if (!row) {
      list.removeAttribute("aria-activedescendant");
      return;
    }
    row.setAttribute("aria-selected", "true");
    list.setAttribute("aria-activedescendant", row.id);
    const top = row.offsetTop - list.offsetTop;
    if (top < list.scrollTop || top + row.offsetHeight > list.scrollTop + list.clientHeight) {
      list.scrollTop = top - list.clientHeight / 2;
    }
  }

  takeWords(take) {
    return {first: _("A's"), second: _("B's"), both: _("both"), neither: _("neither"), own: _("by hand")}[take] ?? "";
  }

  title(one) {
    if (one.kind === "stages") return one.codes[0].length === 1 ? _("stage") : _("stages, {n} epochs", {n: one.codes[0].length});
    if (one.kind === "lights") return _("lights off and on");
    const mark = markOf(one);
    return isMovement(mark) ? movedWords(this.app, mark) : this.app.kindWords(mark.kind);
  }

  // what each side has, in words
  sidesOf(one) {
    if (one.kind === "stages") return one.codes.map(codes => codes[0] === "UNSCORED" ? _("not scored") : codes[0]);
    if (one.kind === "lights") return one.lights.map(({off_s, on_s}) => _("{off} to {on}", {off: this.app.clock(off_s), on: this.app.clock(on_s)}));
    return one.marks.map(mark => {
      if (!mark) return _("nothing");
      if (one.kind === "site") return siteWords(mark.site) || _("no site");
      if (one.kind === "kind") return this.app.kindWords(mark.kind);
      return one.kind === "edges" ? clockAndLength(this.app, mark) : `${shortNumber(mark.end_s - mark.onset_s, 1)} s`;
    });
  }

  // facts of the chosen disagreement, and its buttons; whether there is one
  facts() {
    const {one} = this;
    by("decide").hidden = !one;
    by("correct").hidden = Boolean(one);
    if (!one) return false;
    for (const button of by("decide").querySelectorAll("[data-take]")) {
      button.disabled = !one.takes.includes(button.dataset.take);
      button.setAttribute("aria-pressed", String(this.decided(one) === button.dataset.take));
    }
    const {sides} = this.app.state.consensus;
    const of = this.sidesOf(one).map((words, k) => `${SIDES[k]} (${sides[k].name}): ${words}`);
    const place = this.all.indexOf(one) + 1;
    const take = this.takeWords(this.decided(one));
    const comments = one.marks.filter(mark => mark?.comment && !mark.comment.startsWith("only ")).map(mark => `\u201c${mark.comment}\u201d`);
    by("facts").textContent = [_("{n} of {all}: {what}", {n: place, all: this.all.length, what: this.title(one)}),
      ...of, ...comments, take ? _("taken: {what}", {what: take}) : _("not decided")].join(" \u00b7 ");
    return true;
  }

  // over the signals: the marks of A along the top of a row, those of B along its foot

  draw(pen, colour, plot) {
    if (!this.on) return;
    const {from, length} = this.app.view;
    const {one} = this;
    if (one && isMark(one)) {
      pen.fillStyle = colour.warning;
      pen.globalAlpha = 0.13;
      const [x, last] = [plot.x(one.onset_s), plot.x(one.end_s)];
      pen.fillRect(x - 5, plot.top, last - x + 10, plot.bottom - plot.top);
      pen.globalAlpha = 1;
    }
    pen.textAlign = "left";
    pen.textBaseline = "middle";
    for (const [k, side] of this.app.state.consensus.sides.entries()) {
      pen.fillStyle = colour[SIDE_COLOURS[k]];
      for (const mark of side.marks) {
        if (mark.end_s <= from || mark.onset_s >= from + length) continue;
        const x = plot.x(mark.onset_s), wide = Math.max(2, plot.x(mark.end_s) - x);
        for (const [top, tall] of plot.boxesOf(mark)) {
          const thick = Math.min(6, Math.max(2, tall / 5));
          const y = k ? top + tall - thick - 1 : top + 1;
          pen.fillRect(x, y, wide, thick);
          if (tall > 26) {
            pen.font = "600 10px system-ui, sans-serif";
            pen.fillText(SIDES[k], x - 10, y + thick / 2);
          }
        }
      }
    }
    pen.font = "12px system-ui, sans-serif";
  }

  // the stages of both in an epoch where they differ
  stageWords(k) {
    if (!this.on) return null;
    const [one, two] = this.app.state.consensus.sides.map(side => side.codes[k]);
    if (one === two) return null;
    return [one, two].map(code => code === "UNSCORED" ? "?" : code).join(" | ");
  }

  // on the strip of the whole night: where something is left to decide
  drawNight(pen, colour, x, top, tall) {
    if (!this.on) return;
    for (const one of this.all) {
      if (one.kind === "lights") continue;
      pen.fillStyle = colour.error;
      pen.globalAlpha = this.decided(one) ? 0.2 : 1;
      pen.fillRect(x(one.onset_s), top, Math.max(1.5, x(one.end_s) - x(one.onset_s)), tall);
    }
    pen.globalAlpha = 1;
  }
}
