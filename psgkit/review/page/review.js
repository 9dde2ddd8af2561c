// The review: what is shown, what the keys do, and how changes come back.

import {Differences} from "./consensus.js";
import {Night} from "./night.js";
import {Panel, siteWords} from "./panel.js";
import {isMovement, isOfSensor, Plot} from "./plot.js";
import {post, readState, settled, Tiles} from "./server.js";
import {_, translatePage} from "./words.js";

const by = id => document.getElementById(id);
const LENGTHS = [10, 15, 30, 60, 120, 300, 600, 1800, 3600, 7200, 14400, 28800];
const KINDS = [["lm", _("movement")], ["arousal", _("arousal")], ["apnea", _("apnea")], ["hypopnea", _("hypopnea")],
  ["rera", _("RERA")], ["artifact", _("artefact")]];
const SENSOR_KINDS = [["accelerometer_movement", _("movement of an accelerometer")],
  ["gross_movement", _("gross movement of an accelerometer")]];
const SITES = ["left_leg", "right_leg", "both_legs", "left_arm", "right_arm", "both_arms", "trunk", "whole_body", ""];
const STAGE_KEYS = {0: "W", w: "W", W: "W", 1: "N1", 2: "N2", 3: "N3", r: "R", R: "R"};
const JOIN_S = 30;

const lengthWords = seconds =>
  seconds < 60 ? `${seconds} s` : seconds < 3600 ? `${seconds / 60} min` : `${seconds / 3600} h`;

const app = {
  state: null,
  marks: new Map(),
  doubts: new Map(),
  order: [],
  montage: [],
  view: {from: 0, length: 60},
  chosen: null,
  cursor: 0,
  epoch: 0,
  gain: 1,
  envelope: true,
  adds: "lm",
  ended: false,

  get duration() {
    return this.state.recording.duration_s;
  },

  clockOf(seconds) {
    const start = this.state.recording.start;
    if (!start) return seconds;
    const [hours, minutes, rest] = start.slice(11, 19).split(":").map(Number);
    return hours * 3600 + minutes * 60 + rest + seconds;
  },

  clock(seconds) {
    const whole = Math.floor(this.clockOf(seconds) + 1e-6) % 86400;
    return [whole / 3600, whole / 60 % 60, whole % 60].map(part => String(Math.floor(part)).padStart(2, "0")).join(":");
  },

  kindWords(kind) {
    return ([...KINDS, ...SENSOR_KINDS].find(([value]) => value === kind) || [kind, kind.replaceAll("_", " ")])[1];
  },

  sensorWords(name) {
    return this.state.sensors.find(one => one.name === name)?.title ?? siteWords(name);
  },

  // what is seen

  show(from) {
    const most = Math.max(0, this.duration - this.view.length);
    this.view.from = Math.min(most, Math.max(0, from));
    const left = this.view.from, right = left + this.view.length;
    if (this.cursor < left || this.cursor >= right) this.setCursor(left);
    this.plot.redraw();
  },

  // the window in words, and what is still missing in it
  tellWindow(tiles) {
    const {from, length} = this.view;
    const words = [_("{off} to {on}", {off: this.clock(from), on: this.clock(Math.min(from + length, this.duration))})];
    const lines = tiles.flatMap(tile => [...tile.lines.values()]);
    if (lines.some(line => line.unfiltered)) words.push(_("not filtered yet"));
    else if (lines.some(line => line.partial)) words.push(_("still being read"));
    const text = words.join(" \u00b7 ");
    if (by("at").textContent !== text) by("at").textContent = text;
  },

  setCursor(seconds) {
    this.cursor = seconds;
    const {stages} = this.state;
    const epoch = Math.floor((seconds - stages.onset_s) / stages.epoch_s + 1e-9);
    this.epoch = Math.min(stages.codes.length - 1, Math.max(0, epoch));
    this.plot.redraw();
  },

  setLength(length) {
    const middle = this.chosen && this.inView(this.marks.get(this.chosen)) ? this.marks.get(this.chosen).onset_s
      : this.view.from + this.view.length / 2;
    this.view.length = length;
    by("length").value = length;
    this.show(middle - length / 2);
  },

  zoom(step) {
    const at = LENGTHS.indexOf(this.view.length);
    const next = LENGTHS[Math.min(LENGTHS.length - 1, Math.max(0, at + step))];
    if (next !== this.view.length) this.setLength(next);
  },

  setGain(factor) {
    this.gain = Math.min(1000, Math.max(0.001, this.gain * factor));
    this.plot.redraw();
  },

  // as it was while it was not decided
  doubtOf(mark) {
    if (mark.doubt > 0) this.doubts.set(mark.id, mark.doubt);
    return this.doubts.get(mark.id) ?? 0;
  },

  inView(mark) {
    return mark && mark.end_s > this.view.from && mark.onset_s < this.view.from + this.view.length;
  },

  choose(id, {scroll = true, follow = true} = {}) {
    const mark = this.marks.get(id);
    this.chosen = mark ? id : null;
    if (mark && scroll) {
      const {from, length} = this.view;
      if (mark.onset_s < from + length * 0.05 || mark.end_s > from + length * 0.95) {
        this.show((mark.onset_s + mark.end_s) / 2 - length / 2);
      }
      this.setCursor(mark.onset_s);
    }
    if (follow) this.differs.follow(this.chosen);
    this.panel.choose();
    this.panel.facts();
    this.differs.select();
    this.plot.redraw();
  },

  say(words, bad) {
    say(words, bad);
  },

  step(direction) {
    if (this.differs.leads) return this.differs.step(direction);
    const marks = this.panel.shown.length ? [...this.panel.shown].sort((one, two) => one.onset_s - two.onset_s) : this.order;
    const at = marks.findIndex(mark => mark.id === this.chosen);
    let next;
    if (at >= 0) next = marks[at + direction];
    else if (direction > 0) next = marks.find(mark => mark.onset_s >= this.cursor);
    else next = marks.findLast(mark => mark.onset_s < this.cursor);
    if (next) this.choose(next.id);
    else say(direction > 0 ? _("That was the last mark of the list.") : _("That was the first mark of the list."));
  },

  nextDoubtful() {
    if (this.differs.leads || this.differs.one) return this.differs.next();
    // those of muscles first, unless the list shows accelerometers alone
    const listed = by("filter").value === "accelerometer" ? isOfSensor : isMovement;
    const left = this.order.filter(mark => listed(mark) && mark.status === "undecided" && mark.doubt > 0)
      .sort((one, two) => isOfSensor(one) - isOfSensor(two) || two.doubt - one.doubt || one.onset_s - two.onset_s);
    if (!left.length) {
      say(_("No doubtful movement is left."));
      return;
    }
    const at = left.findIndex(mark => mark.id === this.chosen);
    this.choose(left[(at + 1) % left.length].id);
  },

  // of estimated stages: the next epoch whose stage is not probable
  nextUnsure() {
    const {stages} = this.state;
    const left = stages.unsure || [];
    if (!left.length) return say(_("No epoch with an uncertain stage is left."));
    const epoch = left.find(k => k > this.epoch) ?? left[0];
    const onset = stages.onset_s + epoch * stages.epoch_s;
    if (onset < this.view.from || onset + stages.epoch_s > this.view.from + this.view.length) {
      this.show(onset + stages.epoch_s / 2 - this.view.length / 2);
    }
    this.setCursor(onset);
    say(_("Epoch {epoch}: its estimated stage is uncertain; {n} are left.", {epoch: epoch + 1, n: left.length}));
  },

  // what is changed

  async change(change) {
    await sent(post("change", () => ({version: this.state.version, change})), change);
  },

  decide(action, id = this.chosen) {
    const mark = this.marks.get(id);
    if (!mark) return say(_("Choose a mark first: n, j, or a click."));
    // the same key again takes a decision back
    const again = mark.status === (action === "accept" ? "accepted" : "rejected");
    return this.change({action: again && mark.origin !== "added" ? "reset" : action, id});
  },

  add(row, onset_s, end_s) {
    let site = "";
    const sensor = row?.channel.sensor;
    if (sensor && isMovement({kind: this.adds})) {
      const kind = this.adds === "lm" ? "accelerometer_movement" : this.adds;
      return this.change({action: "add", kind, sensor, onset_s, end_s});
    }
    if (isOfSensor({kind: this.adds})) {
      return say(_("Drag across a channel of an accelerometer that is in use to add its movement."));
    }
    if (this.adds === "lm") {
      site = row?.channel.site || "";
      const moves = /_leg|_arm|trunk/.test(site);
      if (!moves) {
        return say(_("Drag across a channel of a leg, an arm, the trunk or an accelerometer to add a movement. For an arousal or another event, choose it under “Drag adds”."));
      }
    } else if (this.adds === "artifact") {
      site = row?.channel.site || "whole_body";
    }
    return this.change({action: "add", kind: this.adds, site, onset_s, end_s});
  },

  stage(code) {
    const {stages} = this.state;
    const epoch = this.epoch;
    if (!stages.codes.length) return;
    this.change({action: "stage", first_epoch: epoch, codes: [code]});
    const next = Math.min(epoch + 1, stages.codes.length - 1);
    const onset = stages.onset_s + next * stages.epoch_s;
    if (onset >= this.view.from + this.view.length - 1e-6) this.show(onset);
    this.setCursor(onset);
  },

  lights(which) {
    this.change({action: "lights", ...this.state.lights, [which]: Math.round(this.cursor * 100) / 100});
  },

  split() {
    const mark = this.marks.get(this.chosen);
    if (!mark) return;
    const inside = this.cursor > mark.onset_s && this.cursor < mark.end_s;
    this.change({action: "split", id: mark.id, at_s: inside ? this.cursor : (mark.onset_s + mark.end_s) / 2});
  },

  join() {
    const mark = this.marks.get(this.chosen);
    if (!mark) return;
    const next = this.order.find(one => one.onset_s > mark.onset_s && one.kind === mark.kind
      && one.site === mark.site && one.sensor === mark.sensor && one.status !== "rejected");
    if (!next || next.onset_s - mark.end_s > JOIN_S) {
      say(_("No mark of the same site follows within {n} s.", {n: JOIN_S}));
      return;
    }
    this.change({action: "join", ids: [mark.id, next.id]});
  },
};

let silence = 0;
function say(words, bad = false) {
  by("said").textContent = words;
  by("said").classList.toggle("bad", bad);
  clearTimeout(silence);
  silence = setTimeout(() => { by("said").textContent = ""; }, bad ? 9000 : 4500);
}

function failed(error) {
  if (error.lost) {
    by("banner").textContent = error.message;
    by("banner").hidden = false;
  } else {
    say(error.message, true);
  }
  if (error.stale) readState().then(taken, failed);
}

async function sent(answer, change) {
  try {
    const delta = await answer;
    merge(delta);
    if (change?.action === "add") app.choose(delta.marks.find(mark => mark.origin === "added")?.id ?? app.chosen, {scroll: false});
    by("banner").hidden = true;
  } catch (error) {
    failed(error);
  }
}

function merge(delta) {
  const {state} = app;
  for (const mark of delta.marks) app.marks.set(mark.id, mark);
  for (const id of delta.removed) app.marks.delete(id);
  for (const key of ["version", "stages", "lights", "cautions", "answer", "history", "signed", "decided"]) {
    if (key in delta) state[key] = delta[key];
  }
  state.indices.after = delta.indices.after;
  if (!app.marks.has(app.chosen)) app.chosen = null;
  refresh();
}

// the whole state, at the start or when another window changed it
function taken(state) {
  app.state = state;
  app.marks = new Map(state.marks.map(mark => [mark.id, mark]));
  const channels = new Map(state.channels.map(channel => [channel.label, channel]));
  app.montage = state.montage.map(row => ({...row, channel: channels.get(row.label),
    traced: state.traced.includes(row.label)}));
  if (state.sensors.length && !by("kind").querySelector("[value=gross_movement]")) {
    by("kind").append(new Option(SENSOR_KINDS[1][1], SENSOR_KINDS[1][0]));
  }
  by("filter").querySelector("[value=accelerometer]").hidden = !state.sensors.length;
  by("filter").querySelector("[value=emg]").hidden = !state.sensors.length;
  by("file").textContent = state.recording.file;
  document.title = `${state.recording.file} \u00b7 ${_("Review")}`;
  app.differs.open();
  refresh();
  app.show(app.view.from);
}

function refresh() {
  const {state} = app;
  app.order = [...app.marks.values()].sort((one, two) => one.onset_s - two.onset_s);
  by("undo").disabled = !state.history.undo;
  by("redo").disabled = !state.history.redo;
  by("undo").textContent = state.history.undo ? _("Undo ({n})", {n: state.history.undo}) : _("Undo");
  by("sign").disabled = false;
  const said = [_("scorer {name}", {name: state.scorer}), state.consensus ? _("consensus of {first} and {second}", {first: state.consensus.sides[0].name, second: state.consensus.sides[1].name}) : "", state.blind ? _("blind") : "",
    state.others.length ? _("also reviewed by {names}", {names: state.others.join(", ")}) : "",
    state.signed ? _("signed by {name}, {at}", {name: state.signed.by, at: state.signed.at.slice(0, 16).replace("T", " ")}) : _("not signed")];
  by("who").textContent = said.filter(Boolean).join(" \u00b7 ");
  app.panel.fill();
  app.plot.redraw();
}

// dialogs: each returns what was chosen, or null

function ask(name, prepare = () => {}) {
  const dialog = by(`dialog-${name}`);
  dialog.returnValue = "cancel";
  prepare(dialog);
  dialog.showModal();
  return new Promise(done => dialog.addEventListener("close", () => {
    by("plot").focus();
    done(dialog.returnValue === "cancel" ? null : dialog.returnValue);
  }, {once: true}));
}

// seconds from the start of the recording that a text means, or null
function timeOf(text) {
  const {stages, recording} = app.state;
  const given = text.trim().toLowerCase();
  const number = given.match(/^(s|e)\s*(\d+(?:\.\d+)?)$/);
  if (number) return number[1] === "s" ? Number(number[2]) : stages.onset_s + (Number(number[2]) - 1) * stages.epoch_s;
  const parts = given.match(/^(\d{1,2}):(\d\d)(?::(\d\d))?$/);
  if (!parts) return null;
  const [hours, minutes, rest] = parts.slice(1).map(part => Number(part || 0));
  const seconds = hours * 3600 + minutes * 60 + rest - app.clockOf(0);
  return recording.start && seconds < 0 ? seconds + 86400 : seconds;
}

async function goTo() {
  if (!await ask("go", () => { by("go-value").value = ""; })) return;
  const seconds = timeOf(by("go-value").value);
  if (seconds === null) return say(_("Write a time such as 23:41, seconds such as s 5400, or an epoch such as e 120."), true);
  if (seconds < 0 || seconds > app.duration) return say(_("This time is not in the recording."), true);
  app.chosen = null;
  app.panel.choose();
  app.panel.facts();
  app.show(seconds);
  app.setCursor(seconds);
}

async function comment() {
  const mark = app.marks.get(app.chosen);
  if (!mark) return;
  if (await ask("comment", () => { by("comment-value").value = mark.comment || ""; })) {
    app.change({action: "comment", id: mark.id, text: by("comment-value").value});
  }
}

async function siteAndKind() {
  const mark = app.marks.get(app.chosen);
  if (!mark) return;
  const options = (box, values, chosen) => {
    const all = values.some(([value]) => value === chosen) ? values : [...values, [chosen, chosen]];
    box.replaceChildren(...all.map(([value, words]) => new Option(words, value, false, value === chosen)));
  };
  const sensed = isOfSensor(mark);
  const prepared = () => {
    const sites = sensed ? app.state.sensors.map(one => [one.name, one.title]) : SITES.map(site => [site, siteWords(site) || _("none")]);
    options(by("site-value"), sites, sensed ? mark.sensor : mark.site);
    options(by("kind-value"), sensed ? SENSOR_KINDS : KINDS, mark.kind);
  };
  if (!await ask("site", prepared)) return;
  const where = by("site-value").value;
  app.change({action: "change", id: mark.id, kind: by("kind-value").value, ...(sensed ? {sensor: where} : {site: where})});
}

async function sign() {
  await settled();
  const moved = app.order.filter(isMovement);
  const decided = moved.filter(mark => mark.status !== "undecided").length;
  const prepared = () => {
    by("sign-value").value = "";
    by("sign-name").value = app.state.scorer;
    const left = app.differs.on ? app.differs.all.filter(one => !app.differs.decided(one)).length : 0;
    by("sign-left").hidden = !left;
    by("sign-left").textContent = _("{n} of {all} disagreements are not decided: their marks are signed as A has them, or B alone; their epochs stay unscored.", {n: left, all: app.differs.on ? app.differs.all.length : 0});
    by("sign-text").textContent = _("Changes: {n}. Movements looked at one by one: {decided} of {all}; the others are signed as psgkit found them. The events table, EDF+ annotations and the report are written.",
      {n: app.state.history.undo, decided, all: moved.length});
  };
  if (!await ask("sign", prepared)) return;
  try {
    const answer = await post("sign", {comment: by("sign-value").value, by: by("sign-name").value.trim()});
    taken(await readState());
    const prepare = () => {
      const {reviewed} = answer;
      by("signed-text").textContent = _("Reviewed by {name}, {at}. These files hold it:", {name: reviewed.by, at: String(reviewed.at).slice(0, 16).replace("T", " ")});
      by("signed-files").replaceChildren(...Object.values(answer.files).map(file => {
        const row = document.createElement("li");
        row.textContent = file;
        return row;
      }));
    };
    if (await ask("signed", prepare) === "close") close();
  } catch (error) {
    failed(error);
  }
}

async function close() {
  try {
    app.ended = true;
    await post("close");
    by("banner").textContent = _("The review has ended; everything is on the disk. This window can be closed.");
    by("banner").hidden = false;
    for (const button of document.querySelectorAll("button")) button.disabled = true;
    document.removeEventListener("keydown", pressed);
  } catch (error) {
    failed(error);
  }
}

// channels

function field(type, value, label, attributes = {}) {
  const made = document.createElement("input");
  made.type = type;
  Object.assign(made, attributes);
  if (type === "checkbox") made.checked = value;
  else made.value = value ?? "";
  made.setAttribute("aria-label", label);
  return made;
}

function shownColour(name) {
  return name.startsWith("#") ? name : getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

async function channels() {
  const body = by("channel-rows");
  const made = app.montage.map(row => {
    const line = document.createElement("tr");
    const inputs = {
      shown: field("checkbox", row.shown, _("show {label}", {label: row.label})),
      height: field("number", row.height, _("height of {label}", {label: row.label}), {min: 0.2, max: 10, step: 0.1}),
      colour: field("color", shownColour(row.colour), _("colour of {label}", {label: row.label})),
      per_height: field("number", row.per_height, _("units per height of {label}", {label: row.label}), {min: 0, step: "any", placeholder: _("fit")}),
      low_hz: field("number", row.low_hz, _("high-pass of {label}", {label: row.label}), {min: 0, step: "any", placeholder: _("none")}),
      high_hz: field("number", row.high_hz, _("low-pass of {label}", {label: row.label}), {min: 0, step: "any", placeholder: _("none")}),
      notch_hz: field("number", row.notch_hz, _("mains filter of {label}", {label: row.label}), {min: 40, step: "any", placeholder: _("none")}),
    };
    const order = document.createElement("span");
    for (const [words, label, step] of [["\u2191", "up", -1], ["\u2193", "down", 1]]) {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = words;
      button.setAttribute("aria-label", `${row.label} ${label}`);
      button.addEventListener("click", () => {
        if (step < 0) line.previousElementSibling?.before(line);
        else line.nextElementSibling?.after(line);
        button.focus();
      });
      order.append(button);
    }
    const name = document.createElement("span");
    name.textContent = row.channel ? row.label : _("{label} (not in this recording)", {label: row.label});
    for (const part of [inputs.shown, name, order, inputs.height, inputs.colour, inputs.per_height, inputs.low_hz, inputs.high_hz, inputs.notch_hz]) {
      line.insertCell().append(part);
    }
    return {row, line, inputs};
  });
  body.replaceChildren(...made.map(one => one.line));
  if (!await ask("channels")) return;
  const number = input => input.value === "" ? null : Number(input.value);
  const order = [...body.children];
  const rows = made.sort((one, two) => order.indexOf(one.line) - order.indexOf(two.line)).map(({row, inputs}) => ({
    label: row.label, shown: inputs.shown.checked, height: number(inputs.height),
    colour: inputs.colour.value === shownColour(row.colour) ? row.colour : inputs.colour.value,
    per_height: number(inputs.per_height), low_hz: number(inputs.low_hz), high_hz: number(inputs.high_hz), notch_hz: number(inputs.notch_hz),
  }));
  try {
    const kept = await post("montage", {channels: rows});
    app.tiles.clear();
    taken({...app.state, marks: [...app.marks.values()], montage: kept.channels});
    say(_("Channels are kept."));
  } catch (error) {
    failed(error);
  }
}

// keys

const page = share => app.show(app.view.from + share * app.view.length);
const KEYS = {
  j: () => app.step(1), k: () => app.step(-1), n: () => app.nextDoubtful(), N: () => app.nextUnsure(),
  a: () => app.differs.take("first") || app.decide("accept"),
  b: () => app.differs.take("second"), e: () => app.differs.take("both"),
  x: () => app.differs.take("neither") || app.decide("reject"),
  s: () => app.split(), m: () => app.join(), d: siteAndKind, c: comment,
  u: () => sent(post("undo")), U: () => sent(post("redo")),
  " ": event => page(event.shiftKey ? -1 : 1), PageDown: () => page(1), PageUp: () => page(-1),
  ArrowRight: () => page(0.25), ArrowLeft: () => page(-0.25),
  Home: () => app.show(0), End: () => app.show(app.duration),
  "+": () => app.setGain(1.25), "=": () => app.setGain(1.25), "-": () => app.setGain(0.8),
  "[": () => app.zoom(-1), "]": () => app.zoom(1), g: goTo, "?": () => ask("help"),
  l: () => app.lights("off_s"), L: () => app.lights("on_s"),
  Escape: () => app.choose(null),
};

function pressed(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]") || !app.state) return;
  const {target} = event;
  if (target.matches("input:not([type=checkbox]), textarea")) return;
  if (target.matches("select") && /^(Arrow|Home|End|Page| |[a-z])/.test(event.key)) return;
  if (event.key === " " && target.matches("button, summary, input")) return;
  const action = event.key in STAGE_KEYS ? () => app.stage(STAGE_KEYS[event.key]) : KEYS[event.key];
  if (!action) return;
  event.preventDefault();
  action(event);
}

const on = (id, event, action) => by(id).addEventListener(event, action);

function wire() {
  for (const [value, words] of KINDS) by("kind").append(new Option(words, value));
  for (const seconds of LENGTHS) by("length").append(new Option(lengthWords(seconds), seconds));
  by("length").value = app.view.length;
  on("length", "change", () => { app.setLength(Number(by("length").value)); by("plot").focus(); });
  on("kind", "change", () => { app.adds = by("kind").value; by("plot").focus(); });
  on("envelope", "change", () => { app.envelope = by("envelope").checked; app.tiles.clear(); app.plot.redraw(); });
  on("undo", "click", KEYS.u);
  on("redo", "click", KEYS.U);
  on("help", "click", KEYS["?"]);
  on("sign", "click", sign);
  on("close", "click", close);
  on("channels", "click", channels);
  on("back", "click", () => page(-1));
  on("forward", "click", () => page(1));
  on("less", "click", () => app.setGain(0.8));
  on("more", "click", () => app.setGain(1.25));
  const actions = {accept: KEYS.a, reject: KEYS.x, next: KEYS.n, split: KEYS.s, join: KEYS.m, site: KEYS.d, comment: KEYS.c};
  for (const button of document.querySelectorAll("[data-do]")) button.addEventListener("click", actions[button.dataset.do]);
  for (const button of document.querySelectorAll("[data-take]")) button.addEventListener("click", () => app.differs.take(button.dataset.take));
  // Enter in a dialog is its other button
  for (const button of document.querySelectorAll("[data-cancel]")) {
    button.addEventListener("click", () => button.closest("dialog").close("cancel"));
  }
  for (const box of document.querySelectorAll("dialog :is(textarea, select)")) {
    box.addEventListener("keydown", event => {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      box.form.requestSubmit(box.form.querySelector("button.main"));
    });
  }
  document.addEventListener("keydown", pressed);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => app.plot.redraw());
  // another window of this review may have changed it meanwhile
  addEventListener("focus", () => app.ended || readState().then(state => {
    if (state.version !== app.state?.version || state.signed?.at !== app.state.signed?.at) taken(state);
  }, failed));
}

translatePage();
app.tiles = new Tiles(() => app.plot.redraw(), failed, id => app.state.channels[id].rate_hz);
app.night = new Night(by("strip"), app);
app.plot = new Plot(by("plot"), app);
app.panel = new Panel(app);
app.differs = new Differences(app);
wire();
// where the lanes are, for tests of the mouse
window.psgkitRows = () => app.plot.rows.map(row => ({label: row.label, top: row.top, tall: row.tall}));
readState().then(state => {
  taken(state);
  by("plot").focus({preventScroll: true});
  document.body.dataset.ready = "yes";
}, failed);
