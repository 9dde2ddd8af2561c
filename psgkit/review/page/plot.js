// The signals of the window with the marks over them, drawn on a canvas, and what the mouse does there.

import {_} from "./words.js";

const LEFT = 92;
const STAGE_H = 24, EVENT_H = 18, AXIS_H = 18;
const EDGE_PX = 6;
const SNAP_PX = 14, SNAP_S = 0.6;
const SHORTEST_S = 0.1;
const RESPIRATORY = new Set(["apnea", "hypopnea", "obstructive_apnea", "central_apnea", "mixed_apnea", "rera", "respiratory"]);
const LEGS = {both_legs: ["left_leg", "right_leg"], both_arms: ["left_arm", "right_arm"]};
const MUSCLES = new Set(["leg", "arm", "trunk"]);
const SENSOR_KINDS = new Set(["accelerometer_movement", "gross_movement"]);

let palette = null;
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => { palette = null; });

// the colours of the page by name; names that are none of the palette are colours themselves
export function colours() {
  if (palette) return palette;
  const style = getComputedStyle(document.documentElement);
  palette = new Proxy({}, {
    get: (known, name) => {
      if (typeof name !== "string") return undefined;
      known[name] ??= name.startsWith("#") ? name : style.getPropertyValue(`--${name}`).trim() || "#888888";
      return known[name];
    },
  });
  return palette;
}

// a movement seen by an accelerometer, or by any sensor
export const isOfSensor = mark => SENSOR_KINDS.has(mark.kind);
export const isMovement = mark => mark.kind === "lm" || isOfSensor(mark);

// the colour of a mark by its meaning
export function kindOf(mark) {
  if (isMovement(mark)) return mark.plm ? "plm" : mark.candidate ? "candidate" : "movement";
  if (mark.kind === "arousal") return "arousal";
  return isRespiratory(mark.kind) ? "respiratory" : "not-worn";
}

export function isRespiratory(kind) {
  return RESPIRATORY.has(kind) || /apn|hypopn/.test(kind);
}

export class Plot {
  constructor(canvas, app) {
    this.canvas = canvas;
    this.app = app;
    this.rows = [];
    this.drag = null;
    this.asked = false;
    canvas.addEventListener("pointerdown", event => this.down(event));
    canvas.addEventListener("pointermove", event => this.move(event));
    canvas.addEventListener("pointerup", event => this.up(event));
    canvas.addEventListener("pointercancel", () => { this.drag = null; this.redraw(); });
    canvas.addEventListener("dblclick", event => {
      const mark = this.markAt(event.offsetX, event.offsetY);
      if (mark) app.decide("accept", mark.id);
    });
    canvas.addEventListener("wheel", event => this.wheel(event), {passive: false});
    new ResizeObserver(() => this.redraw()).observe(canvas);
  }

  // once a frame at most
  redraw() {
    if (this.asked) return;
    this.asked = true;
    requestAnimationFrame(() => {
      this.asked = false;
      if (this.app.state && !this.app.ended) {
        this.draw();
        this.app.night.draw();
      }
    });
  }

  get plotWidth() {
    return Math.max(50, this.canvas.clientWidth - LEFT);
  }

  x(seconds) {
    return LEFT + (seconds - this.app.view.from) / this.app.view.length * this.plotWidth;
  }

  time(x) {
    return this.app.view.from + (x - LEFT) / this.plotWidth * this.app.view.length;
  }

  layout(height) {
    const shown = this.app.montage.filter(row => row.shown && row.channel);
    const total = shown.reduce((sum, row) => sum + row.height, 0);
    let top = STAGE_H + EVENT_H;
    const room = height - top - AXIS_H;
    this.rows = shown.map(row => {
      const tall = room * row.height / total;
      const place = {...row, top, tall};
      top += tall;
      return place;
    });
  }

  draw() {
    const {canvas, app} = this;
    const ratio = window.devicePixelRatio || 1;
    const width = canvas.clientWidth, height = canvas.clientHeight;
    if (canvas.width !== Math.round(width * ratio)) canvas.width = Math.round(width * ratio);
    if (canvas.height !== Math.round(height * ratio)) canvas.height = Math.round(height * ratio);
    const pen = canvas.getContext("2d");
    const colour = colours();
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.clearRect(0, 0, width, height);
    pen.font = "12px system-ui, sans-serif";
    this.layout(height);
    const channels = this.rows.map(row => row.channel.id);
    const tiles = app.tiles.wanted({
      ...app.view, width: Math.round(this.plotWidth), channels, duration: app.duration,
      traced: app.envelope ? this.rows.filter(row => row.traced).map(row => row.channel.id) : [],
    });
    pen.save();
    pen.beginPath();
    pen.rect(LEFT, 0, width - LEFT, height);
    pen.clip();
    this.top = STAGE_H;
    this.bottom = height - AXIS_H;
    this.grid(pen, colour, height);
    this.stages(pen, colour);
    this.gaps(pen, colour, height);
    this.marks(pen, colour, height, false);
    for (const row of this.rows) this.signal(pen, colour, row, tiles);
    this.marks(pen, colour, height, true);
    app.differs.draw(pen, colour, this);
    this.dragged(pen, colour);
    this.cursor(pen, colour, height);
    pen.restore();
    this.labels(pen, colour);
    app.tellWindow(tiles);
    canvas.dataset.drawn = tiles.every(tile => tile.done) ? `${app.view.from} ${app.view.length}` : "";
  }

  grid(pen, colour, height) {
    const {from, length} = this.app.view;
    const wanted = length / Math.max(2, this.plotWidth / 110);
    const step = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200].find(one => one >= wanted) || 14400;
    const start = this.app.clockOf(0);
    pen.strokeStyle = colour.line;
    pen.lineWidth = 1;
    pen.fillStyle = colour.faint;
    pen.textAlign = "center";
    pen.textBaseline = "alphabetic";
    pen.beginPath();
    for (let at = Math.ceil((start + from) / step) * step - start; at <= from + length; at += step) {
      const x = Math.round(this.x(at)) + 0.5;
      pen.moveTo(x, STAGE_H);
      pen.lineTo(x, height - AXIS_H);
      if (x > LEFT + 24 && x < LEFT + this.plotWidth - 24) {
        pen.fillText(this.app.clock(at).slice(0, step < 60 ? 8 : 5), x, height - 5);
      }
    }
    for (const row of this.rows) {
      pen.moveTo(LEFT, Math.round(row.top) + 0.5);
      pen.lineTo(LEFT + this.plotWidth, Math.round(row.top) + 0.5);
    }
    pen.stroke();
  }

  stages(pen, colour) {
    const {stages} = this.app.state;
    const {from, length} = this.app.view;
    const first = Math.max(0, Math.floor((from - stages.onset_s) / stages.epoch_s));
    const last = Math.min(stages.codes.length - 1, Math.floor((from + length - stages.onset_s) / stages.epoch_s));
    const unsure = new Set(stages.unsure);
    pen.textAlign = "center";
    pen.textBaseline = "middle";
    for (let k = first; k <= last; k++) {
      const code = stages.codes[k];
      const at = this.x(stages.onset_s + k * stages.epoch_s);
      const wide = this.plotWidth * stages.epoch_s / length;
      pen.globalAlpha = 0.55;
      pen.fillStyle = colour[`stage-${code.toLowerCase()}`];
      pen.fillRect(at, STAGE_H - 4, wide + 0.4, 4);
      pen.globalAlpha = 1;
      if (unsure.has(k)) {
        pen.fillStyle = colour.warning;
        pen.fillRect(at, 0, Math.max(wide - 1, 1), 3);
      }
      const chosen = k === this.app.epoch;
      if (chosen && wide > 3) {
        pen.fillStyle = colour.band;
        pen.fillRect(at + 0.5, 0, wide - 1, STAGE_H - 4);
      }
      if (wide > 26) {
        pen.fillStyle = chosen ? colour.ink : colour.faint;
        const middle = Math.min(Math.max(at + wide / 2, LEFT + 14), LEFT + this.plotWidth - 14);
        const both = wide > 52 ? this.app.differs.stageWords(k) : null;
        pen.fillText(both && code === "UNSCORED" ? both : code === "UNSCORED" ? "?" : code, middle, STAGE_H / 2 - 1);
      }
    }
    const {lights} = this.app.state;
    for (const [at, words] of [[lights?.off_s, _("lights off")], [lights?.on_s, _("lights on")]]) {
      if (at === null || at === undefined || at < from || at > from + length) continue;
      pen.strokeStyle = colour.warning;
      pen.setLineDash([5, 3]);
      pen.beginPath();
      pen.moveTo(this.x(at), STAGE_H);
      pen.lineTo(this.x(at), this.canvas.clientHeight - AXIS_H);
      pen.stroke();
      pen.setLineDash([]);
      pen.textAlign = "left";
      pen.fillStyle = colour.warning;
      pen.fillText(words, this.x(at) + 4, STAGE_H + EVENT_H / 2);
    }
  }

  gaps(pen, colour, height) {
    const {segments} = this.app.state.recording;
    const {from, length} = this.app.view;
    const edges = [0, ...segments.flatMap(one => [one.onset_s, one.end_s]), Math.max(this.app.duration, from + length)];
    if (from < 0) edges[0] = from;
    for (let k = 0; k < edges.length; k += 2) {
      const first = Math.max(edges[k], from), last = Math.min(edges[k + 1], from + length);
      if (last - first <= 0.001) continue;
      const x = this.x(first), wide = Math.max(1, this.x(last) - x);
      pen.fillStyle = colour.shade;
      pen.fillRect(x, STAGE_H, wide, height - STAGE_H - AXIS_H);
      if (wide > 90) {
        pen.fillStyle = colour.faint;
        pen.textAlign = "center";
        pen.textBaseline = "middle";
        pen.fillText(_("not recorded"), x + wide / 2, height / 2);
      }
    }
  }

  // middle and units per height of a row
  scale(row, lines) {
    let low = Infinity, high = -Infinity, sum = 0, n = 0;
    const {from, length} = this.app.view;
    for (const line of lines) {
      const size = line.kind === "minmax" ? 2 : 1;
      const first = Math.max(0, Math.floor((from - line.first) / line.step)) * size;
      const last = Math.min(line.values.length, Math.ceil((from + length - line.first) / line.step) * size);
      for (let k = first; k < last; k++) {
        const value = line.values[k];
        if (value !== value) continue;
        if (value < low) low = value;
        if (value > high) high = value;
        sum += value;
        n++;
      }
    }
    if (!n) return {middle: 0, units: 1};
    const fits = Math.max(high - low, 1e-9) * 1.1;
    const units = (row.per_height ?? fits) / this.app.gain;
    return {middle: row.low_hz ? 0 : row.per_height ? sum / n : (low + high) / 2, units};
  }

  signal(pen, colour, row, tiles) {
    const lines = tiles.map(tile => tile.lines.get(row.channel.id)).filter(Boolean);
    if (!lines.length) return;
    const {middle, units} = this.scale(row, lines);
    const zero = row.top + row.tall / 2, per = row.tall / units;
    const y = value => zero - (value - middle) * per;
    row.y = y;
    row.units = units;
    pen.save();
    pen.beginPath();
    pen.rect(LEFT, row.top, this.plotWidth, row.tall);
    pen.clip();
    pen.strokeStyle = colour[row.colour];
    pen.lineWidth = 1;
    for (const line of lines) {
      pen.beginPath();
      if (line.kind === "minmax") this.pairs(pen, line, y);
      else this.samples(pen, line, y);
      pen.stroke();
    }
    if (this.app.envelope) {
      for (const tile of tiles) {
        const found = tile.envelope.get(row.channel.id);
        if (found) this.levels(pen, colour, found, y);
      }
    }
    pen.restore();
  }

  pairs(pen, line, y) {
    let open = false;
    for (let k = 0; k < line.values.length; k += 2) {
      const low = line.values[k], high = line.values[k + 1];
      if (low !== low) {
        open = false;
        continue;
      }
      const x = this.x(line.first + (k / 2 + 0.5) * line.step);
      if (open) pen.lineTo(x, y(high));
      else pen.moveTo(x, y(high));
      pen.lineTo(x, y(low) + 0.5);
      open = true;
    }
  }

  samples(pen, line, y) {
    let open = false;
    for (let k = 0; k < line.values.length; k++) {
      const value = line.values[k];
      if (value !== value) {
        open = false;
        continue;
      }
      const x = this.x(line.first + k * line.step);
      if (open) pen.lineTo(x, y(value));
      else pen.moveTo(x, y(value));
      open = true;
    }
  }

  levels(pen, colour, found, y) {
    const styles = {rest: ["ink", []], on: ["error", [6, 3]], off: ["warning", [2, 3]], level: ["accent", []]};
    for (const [name, [shade, dash]] of Object.entries(styles)) {
      if (!found[name]) continue;
      pen.strokeStyle = colour[shade];
      pen.globalAlpha = name === "rest" ? 0.6 : 0.9;
      pen.lineWidth = name === "level" ? 1.3 : 1;
      pen.setLineDash(dash);
      pen.beginPath();
      this.samples(pen, found[name], y);
      pen.stroke();
    }
    pen.setLineDash([]);
    pen.globalAlpha = 1;
  }

  // the rows over which a mark lies; none stands for the lane of events
  rowsOf(mark) {
    if (isOfSensor(mark)) return this.rows.filter(row => row.channel.sensor === mark.sensor);
    if (mark.kind !== "lm") return [];
    const sites = LEGS[mark.site] || [mark.site];
    const there = this.rows.filter(row => sites.includes(row.channel.site));
    const muscles = there.filter(row => MUSCLES.has(row.channel.role));
    // of a scorer who had no EMG of this site
    return muscles.length ? muscles : there.filter(row => row.channel.role === "accelerometer");
  }

  boxesOf(mark) {
    const rows = this.rowsOf(mark);
    return rows.length ? rows.map(row => [row.top, row.tall]) : [[STAGE_H + 2, EVENT_H - 4]];
  }

  visible() {
    const {from, length} = this.app.view;
    return this.app.order.filter(mark => mark.end_s > from && mark.onset_s < from + length);
  }

  marks(pen, colour, height, front) {
    for (const mark of this.visible()) {
      const x = this.x(mark.onset_s), wide = Math.max(1.5, this.x(mark.end_s) - x);
      const chosen = mark.id === this.app.chosen;
      const shade = colour[kindOf(mark)];
      for (const [top, tall] of this.boxesOf(mark)) {
        if (!front) {
          pen.globalAlpha = mark.status === "rejected" ? 0.06 : chosen ? 0.34 : 0.2;
          pen.fillStyle = shade;
          pen.fillRect(x, top, wide, tall);
          pen.globalAlpha = 1;
          continue;
        }
        pen.fillStyle = shade;
        if (mark.status === "accepted") pen.fillRect(x, top, wide, 3);
        if (mark.status === "rejected") {
          pen.strokeStyle = colour.faint;
          pen.setLineDash([3, 3]);
          pen.strokeRect(x, top + 1.5, wide, tall - 3);
          pen.setLineDash([]);
        }
        if (chosen) {
          pen.strokeStyle = colour.ink;
          pen.lineWidth = 1.5;
          pen.strokeRect(x, top + 1, wide, tall - 2);
          pen.fillStyle = colour.ink;
          pen.fillRect(x - 2, top + tall / 2 - 8, 4, 16);
          pen.fillRect(x + wide - 2, top + tall / 2 - 8, 4, 16);
          pen.lineWidth = 1;
        }
      }
      if (front && !isMovement(mark) && wide > 44) {
        pen.fillStyle = colour.ink;
        pen.textAlign = "left";
        pen.textBaseline = "middle";
        pen.fillText(this.app.kindWords(mark.kind), Math.max(x, LEFT) + 4, STAGE_H + EVENT_H / 2 + 1);
      }
    }
  }

  dragged(pen, colour) {
    if (!this.drag?.span) return;
    const [onset, end] = this.drag.span;
    const x = this.x(onset), wide = this.x(end) - x;
    for (const [top, tall] of this.drag.boxes) {
      pen.fillStyle = colour.accent;
      pen.globalAlpha = 0.25;
      pen.fillRect(x, top, wide, tall);
      pen.globalAlpha = 1;
      pen.strokeStyle = colour.accent;
      pen.strokeRect(x, top + 1, wide, tall - 2);
    }
    pen.fillStyle = colour.ink;
    pen.textAlign = "left";
    pen.textBaseline = "alphabetic";
    pen.fillText(`${(end - onset).toFixed(2)} s`, x + 4, this.drag.boxes[0][0] + 14);
  }

  cursor(pen, colour, height) {
    const x = Math.round(this.x(this.app.cursor)) + 0.5;
    if (x < LEFT) return;
    pen.strokeStyle = colour.faint;
    pen.beginPath();
    pen.moveTo(x, STAGE_H);
    pen.lineTo(x, height - AXIS_H);
    pen.stroke();
  }

  labels(pen, colour) {
    pen.textAlign = "left";
    pen.textBaseline = "middle";
    pen.fillStyle = colour.faint;
    pen.fillText(_("stage"), 8, STAGE_H / 2);
    pen.fillText(_("events"), 8, STAGE_H + EVENT_H / 2);
    for (const row of this.rows) {
      const middle = row.top + row.tall / 2;
      const two = row.units !== undefined && row.tall > 34;
      pen.fillStyle = colour.ink;
      pen.font = `600 ${Math.max(8, Math.min(12, Math.floor(row.tall) - 1))}px system-ui, sans-serif`;
      pen.fillText(fitted(pen, row.channel.label, LEFT - 14), 8, middle - (two ? 7 : 0));
      pen.font = "11px system-ui, sans-serif";
      if (two) {
        pen.fillStyle = colour.faint;
        const unit = (row.channel.unit || "").replace(/^u(?=V)/, "\u00b5");
        pen.fillText(fitted(pen, `${Number(row.units.toPrecision(2))} ${unit}`, LEFT - 14), 8, middle + 8);
      }
      pen.font = "12px system-ui, sans-serif";
    }
  }

  // the mouse

  rowAt(y) {
    return this.rows.find(row => y >= row.top && y < row.top + row.tall);
  }

  markAt(x, y) {
    const near = this.visible().filter(mark =>
      this.boxesOf(mark).some(([top, tall]) => y >= top && y < top + tall)
      && x >= this.x(mark.onset_s) - EDGE_PX && x <= this.x(mark.end_s) + EDGE_PX);
    return near.find(mark => mark.id === this.app.chosen) || near[near.length - 1];
  }

  edgeAt(x, mark) {
    if (Math.abs(x - this.x(mark.onset_s)) <= EDGE_PX) return "onset";
    return Math.abs(x - this.x(mark.end_s)) <= EDGE_PX ? "end" : "";
  }

  down(event) {
    if (event.button !== 0 || event.offsetX < LEFT) return;
    const mark = this.markAt(event.offsetX, event.offsetY);
    const edge = mark ? this.edgeAt(event.offsetX, mark) : "";
    this.app.setCursor(this.time(event.offsetX));
    if (mark) this.app.choose(mark.id, {scroll: false});
    if (mark && !edge) return;
    if (event.pointerType === "touch" && !mark) return;
    this.canvas.setPointerCapture(event.pointerId);
    this.drag = {x: event.offsetX, mark, edge, row: this.rowAt(event.offsetY), span: null,
      boxes: mark ? this.boxesOf(mark) : []};
  }

  move(event) {
    const {drag} = this;
    if (!drag) {
      const mark = this.markAt(event.offsetX, event.offsetY);
      this.canvas.style.cursor = mark ? this.edgeAt(event.offsetX, mark) ? "ew-resize" : "pointer" : "crosshair";
      return;
    }
    if (!drag.span && Math.abs(event.offsetX - drag.x) < 3) return;
    const here = this.within(this.time(event.offsetX));
    if (drag.mark) {
      const rows = this.rowsOf(drag.mark);
      const at = event.altKey ? here : this.snapped(here, drag.edge, rows);
      drag.span = drag.edge === "onset"
        ? [Math.min(at, drag.mark.end_s - SHORTEST_S), drag.mark.end_s]
        : [drag.mark.onset_s, Math.max(at, drag.mark.onset_s + SHORTEST_S)];
    } else {
      const kind = this.app.adds;
      const rows = drag.row ? [drag.row] : [];
      const moves = isMovement({kind});
      drag.boxes = moves && drag.row ? [[drag.row.top, drag.row.tall]] : [[STAGE_H + 2, EVENT_H - 4]];
      const start = this.within(this.time(drag.x));
      let [onset, end] = [Math.min(start, here), Math.max(start, here)];
      if (moves && !event.altKey) {
        onset = this.snapped(onset, "onset", rows);
        end = this.snapped(end, "end", rows);
      }
      drag.span = [onset, Math.max(end, onset + SHORTEST_S)];
    }
    this.redraw();
  }

  up(event) {
    const {drag} = this;
    this.drag = null;
    if (!drag?.span) return;
    const [onset_s, end_s] = drag.span.map(at => Math.round(at * 1000) / 1000);
    if (drag.mark) this.app.change({action: "move", id: drag.mark.id, onset_s, end_s});
    else this.app.add(drag.row, onset_s, end_s);
    this.redraw();
    event.preventDefault();
  }

  within(seconds) {
    return Math.min(this.app.duration, Math.max(0, seconds));
  }

  // the nearest time at which the envelope crosses the threshold of an onset, or of an end
  snapped(at, edge, rows) {
    const reach = Math.min(SNAP_S, SNAP_PX * this.app.view.length / this.plotWidth);
    let best = at, nearest = reach;
    for (const row of rows) {
      for (const tile of this.app.tiles.tiles.values()) {
        const found = tile.envelope.get(row.channel.id);
        if (!found?.level || at < tile.from - reach || at > tile.to + reach) continue;
        const crossings = crossingsOf(found.level, edge === "onset" ? found.on : found.off, edge, at, reach);
        for (const one of crossings) {
          if (Math.abs(one - at) < nearest) {
            nearest = Math.abs(one - at);
            best = one;
          }
        }
      }
    }
    return best;
  }

  wheel(event) {
    if (event.ctrlKey) {
      event.preventDefault();
      this.app.zoom(event.deltaY > 0 ? 1 : -1);
    } else if (this.canvas.clientWidth > 700 || Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
      event.preventDefault();
      this.app.show(this.app.view.from + (event.deltaY + event.deltaX) / 1200 * this.app.view.length);
    }
  }
}

function crossingsOf(level, bound, edge, at, reach) {
  const found = [];
  const first = Math.max(1, Math.floor((at - reach - level.first) / level.step));
  const last = Math.min(level.values.length - 1, Math.ceil((at + reach - level.first) / level.step));
  for (let k = first; k <= last; k++) {
    const when = level.first + k * level.step;
    const row = Math.min(bound.values.length - 1, Math.max(0, Math.round((when - bound.first) / bound.step)));
    const before = level.values[k - 1] > bound.values[row], now = level.values[k] > bound.values[row];
    if (before !== now && now === (edge === "onset")) found.push(when - level.step / 2);
  }
  return found;
}

function fitted(pen, text, wide) {
  if (pen.measureText(text).width <= wide) return text;
  let cut = text.slice(0, 40);
  while (cut.length > 1 && pen.measureText(`${cut}\u2026`).width > wide) cut = cut.slice(0, -1);
  return `${cut}\u2026`;
}
