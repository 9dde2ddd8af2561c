// The whole night: stages, marks of each kind, and where the window is.

import {colours, isMovement, isOfSensor, kindOf} from "./plot.js";
import {_} from "./words.js";

const LEFT = 92;
const LEVELS = {W: 0, R: 1, N1: 2, N2: 3, SLEEP: 3, N3: 4};
const TOP = 8, ROW = 10, STAGES_N = 5;

export class Night {
  constructor(canvas, app) {
    this.canvas = canvas;
    this.app = app;
    canvas.addEventListener("pointerdown", event => {
      canvas.setPointerCapture(event.pointerId);
      this.goTo(event);
    });
    canvas.addEventListener("pointermove", event => event.buttons && this.goTo(event));
  }

  goTo(event) {
    const box = this.canvas.getBoundingClientRect();
    const share = (event.clientX - box.left - LEFT) / (box.width - LEFT);
    const seconds = Math.min(1, Math.max(0, share)) * this.app.duration;
    this.app.show(seconds - this.app.view.length / 2);
    this.app.setCursor(seconds);
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
    const x = seconds => LEFT + (width - LEFT) * seconds / app.duration;
    pen.font = "11px system-ui, sans-serif";
    pen.textAlign = "right";
    pen.textBaseline = "middle";
    pen.fillStyle = colour.faint;
    ["W", "R", "N1", "N2", "N3"].forEach((name, k) => pen.fillText(name, LEFT - 8, TOP + ROW * k));
    const {stages, lights, recording} = app.state;
    this.gaps(pen, x, colour, height, recording.segments);
    if (lights && lights.off_s !== null && lights.on_s !== null) {
      pen.fillStyle = colour.shade;
      pen.fillRect(LEFT, 0, x(lights.off_s) - LEFT, height - 14);
      pen.fillRect(x(lights.on_s), 0, width - x(lights.on_s), height - 14);
    }
    this.stages(pen, x, colour, stages);
    this.marks(pen, x, colour);
    this.hours(pen, x, colour, height);
    const from = x(app.view.from), to = Math.max(x(app.view.from + app.view.length), from + 3);
    pen.fillStyle = colour.accent;
    pen.globalAlpha = 0.16;
    pen.fillRect(from, 0, to - from, height - 14);
    pen.globalAlpha = 1;
    pen.strokeStyle = colour.accent;
    pen.lineWidth = 1.5;
    pen.strokeRect(from, 0.75, to - from, height - 15.5);
  }

  gaps(pen, x, colour, height, segments) {
    pen.fillStyle = colour.line;
    for (let k = 1; k < segments.length; k++) {
      pen.fillRect(x(segments[k - 1].end_s), 0, Math.max(1, x(segments[k].onset_s) - x(segments[k - 1].end_s)), height - 14);
    }
  }

  stages(pen, x, colour, stages) {
    pen.lineWidth = 1.3;
    pen.strokeStyle = colour.ink;
    pen.beginPath();
    let level = null;
    stages.codes.forEach((code, k) => {
      const next = LEVELS[code];
      const at = x(stages.onset_s + k * stages.epoch_s);
      if (next === undefined) {
        level = null;
        return;
      }
      const y = TOP + ROW * next;
      if (level === null) pen.moveTo(at, y);
      else if (next !== level) pen.lineTo(at, y);
      pen.lineTo(x(stages.onset_s + (k + 1) * stages.epoch_s), y);
      level = next;
    });
    pen.stroke();
    pen.fillStyle = colour["stage-r"];
    stages.codes.forEach((code, k) => {
      if (code === "R") {
        const at = x(stages.onset_s + k * stages.epoch_s);
        pen.fillRect(at, TOP + ROW - 2, x(stages.onset_s + (k + 1) * stages.epoch_s) - at + 0.3, 4);
      }
    });
  }

  marks(pen, x, colour) {
    const top = TOP + ROW * STAGES_N;
    pen.fillStyle = colour.faint;
    pen.fillText(_("movements"), LEFT - 8, top + 5);
    pen.fillText(_("events"), LEFT - 8, top + 17);
    // movements of accelerometers below those of muscles
    const sensors = this.app.state.sensors.length > 0;
    for (const mark of this.app.order) {
      pen.fillStyle = colour[kindOf(mark)];
      pen.globalAlpha = mark.status === "rejected" ? 0.25 : 1;
      const at = x(mark.onset_s);
      const wide = Math.max(1, x(mark.end_s) - at);
      if (!isMovement(mark)) pen.fillRect(at, top + 12, wide, 10);
      else if (!sensors) pen.fillRect(at, top, wide, 10);
      else pen.fillRect(at, top + (isOfSensor(mark) ? 6 : 0), wide, 5);
    }
    pen.globalAlpha = 1;
    this.app.differs.drawNight(pen, colour, x, top + 23, 4);
  }

  hours(pen, x, colour, height) {
    pen.fillStyle = colour.faint;
    pen.textAlign = "center";
    pen.textBaseline = "alphabetic";
    const wanted = this.app.duration / Math.max(2, (this.canvas.clientWidth - LEFT) / 90);
    const step = [60, 300, 600, 900, 1800, 3600, 7200, 14400, 21600, 43200].find(one => one >= wanted) || 86400;
    const start = this.app.clockOf(0);
    for (let at = Math.ceil(start / step) * step - start; at < this.app.duration; at += step) {
      const place = x(at);
      if (place > LEFT + 14 && place < this.canvas.clientWidth - 16) {
        pen.fillText(this.app.clock(at).slice(0, 5), place, height - 2);
      }
    }
  }
}
