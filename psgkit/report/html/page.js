"use strict";
// The night on one time axis: zoom, pan, the facts of a movement, and its signals.
// Everything that is shown comes out of the page itself; text is only ever set as text.
// What a review of the night needs of it is returned; see page_review.js.
const nightView = (() => {
  const night = JSON.parse(document.getElementById("night-data").textContent);
  const plot = document.getElementById("plot");
  const marks = plot.querySelector(".marks");
  const ticks = plot.querySelector(".ticks");
  const grid = marks.querySelector(".grid");
  const chosenBox = marks.querySelector(".chosen");
  const facts = document.getElementById("facts");
  const shown = document.getElementById("shown");
  const table = document.getElementById("movement-table");
  const dialog = document.getElementById("signal");
  const words = night.words;
  const whole = [night.first_s, night.last_s];
  const narrowest = Math.min(10, whole[1] - whole[0]);
  const printed = { ticks: ticks.innerHTML, grid: grid.getAttribute("d") };
  let view = whole;
  let chosen = null; // [lane, mark]
  const hooks = { stateOf: () => "", opened: () => {}, key: () => false };

  const clamp = (x, low, high) => Math.min(Math.max(x, low), high);
  const pad = (n) => String(n).padStart(2, "0");
  const written = (digits) => digits.replace("-", words.minus).replace(".", words.decimal);
  const rowOf = (lane, k) => (lane.rows ? lane.rows[k] : null);
  const spanOf = (lane, k) => lane.rows
    ? [night.movements.onset_s[lane.rows[k]], night.movements.end_s[lane.rows[k]]]
    : lane.spans[k];
  const countOf = (lane) => (lane.rows || lane.spans).length;

  function clock(second, withSeconds) {
    const sign = night.clock_s === null && second < 0 ? "-" : "";
    const past = Math.round(night.clock_s === null ? Math.abs(second) : second + night.clock_s);
    const hour = Math.floor(past / 3600);
    const day = night.clock_s === null ? hour : pad(((hour % 24) + 24) % 24);
    const minute = Math.floor(past / 60) - hour * 60;
    const seconds = withSeconds ? `:${pad(past - Math.floor(past / 60) * 60)}` : "";
    return `${sign}${day}:${pad(minute)}${seconds}`;
  }

  function svg(name, attributes, parent) {
    const made = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    parent?.append(made);
    return made;
  }

  // the axis

  function tickTimes(first, last, most) {
    const steps = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600,
      43200, 86400, 172800, 604800, 2419200];
    const step = steps.find((s) => (last - first) / s <= most) || steps.at(-1);
    const past = night.clock_s || 0;
    const times = [];
    for (let k = Math.ceil((first + past) / step); k * step - past <= last; k += 1) {
      times.push(k * step - past);
    }
    return [times, step];
  }

  function drawAxis() {
    const [first, last] = view;
    const [times, step] = tickTimes(first, last, Math.max(2, ticks.clientWidth / 62));
    ticks.replaceChildren(...times.map((t) => {
      const percent = (100 * (t - first)) / (last - first);
      const text = svg("text", { x: `${percent}%`, y: 14 });
      const edge = 3200 / (ticks.clientWidth || 1000);
      if (percent > 100 - edge) text.setAttribute("class", "last");
      else if (percent < edge) text.setAttribute("class", "first");
      text.textContent = clock(t, step < 60);
      return text;
    }));
    grid.setAttribute("d", times.map((t) => `M${t} 0v${night.height}`).join(""));
  }

  function show(first, last) {
    const width = clamp(last - first, narrowest, whole[1] - whole[0]);
    const begin = clamp(first + (last - first - width) / 2, whole[0], whole[1] - width);
    view = [begin, begin + width];
    marks.setAttribute("viewBox", `${begin} 0 ${width} ${night.height}`);
    const all = width >= whole[1] - whole[0];
    plot.classList.toggle("zoomed", !all);
    shown.textContent = all ? "" : `${clock(begin, true)} – ${clock(begin + width, true)}`;
    drawAxis();
    if (chosen) placeFacts();
  }

  const zoom = (factor, at = (view[0] + view[1]) / 2) =>
    show(at - (at - view[0]) * factor, at + (view[1] - at) * factor);
  const pan = (share) => {
    const by = clamp(share * (view[1] - view[0]), whole[0] - view[0], whole[1] - view[1]);
    show(view[0] + by, view[1] + by);
  };
  const tools = {
    in: () => zoom(0.5), out: () => zoom(2), left: () => pan(-0.5), right: () => pan(0.5),
    all: () => show(...whole),
  };

  // what a mark is

  function factsOf(lane, k) {
    const [onset, end] = spanOf(lane, k);
    const row = rowOf(lane, k);
    if (row === null) {
      return [[lane.title, lane.words[k]], [words.at, clock(onset, true)],
        [words.duration, `${written((end - onset).toFixed(1))}\u2009${words.seconds}`]];
    }
    const names = [...table.tHead.rows[0].cells].map((cell) => cell.textContent);
    const cells = [...table.tBodies[0].rows[row].cells].map((cell) => cell.textContent);
    return names.map((name, i) => [name, cells[i]]).filter(([, what]) => what && what !== "–");
  }

  function choose(lane, k) {
    chosen = [lane, k];
    const list = document.createElement("dl");
    for (const [name, what] of factsOf(lane, k)) {
      const term = document.createElement("dt");
      const value = document.createElement("dd");
      term.textContent = name;
      value.textContent = what;
      list.append(term, value);
    }
    facts.replaceChildren(list);
    facts.hidden = false;
    const [onset, end] = spanOf(lane, k);
    const box = { x: onset, y: lane.top, width: end - onset, height: lane.height };
    for (const [name, value] of Object.entries(box)) chosenBox.setAttribute(name, value);
    placeFacts();
  }

  function placeFacts() {
    const [lane, k] = chosen;
    const [onset, end] = spanOf(lane, k);
    const middle = clamp((onset + end) / 2, ...view);
    const at = ((middle - view[0]) / (view[1] - view[0])) * marks.clientWidth;
    facts.style.left = `${clamp(at + 12, 0, Math.max(0, marks.clientWidth - facts.offsetWidth))}px`;
    facts.style.top = `${lane.top + lane.height + 6}px`;
  }

  function forget() {
    chosen = null;
    facts.hidden = true;
    chosenBox.setAttribute("width", 0);
    chosenBox.setAttribute("height", 0);
  }

  // the pointer or the focus is elsewhere; an open signal keeps its movement, and so the next one
  function leave() {
    if (!dialog.open && document.activeElement !== plot) forget();
  }

  // which mark the pointer is at: the nearest of its lane within a few pixels

  function timeAt(event) {
    const box = marks.getBoundingClientRect();
    return view[0] + ((event.clientX - box.left) / box.width) * (view[1] - view[0]);
  }

  function lastBefore(lane, time) {
    let low = 0;
    let high = countOf(lane);
    while (low < high) {
      const middle = (low + high) >> 1;
      if (spanOf(lane, middle)[0] <= time) low = middle + 1; else high = middle;
    }
    return low - 1;
  }

  function markAt(event) {
    const y = event.clientY - marks.getBoundingClientRect().top;
    const lane = night.lanes.find((one) => y >= one.top - 3 && y < one.top + one.height + 3);
    if (!lane) return null;
    const time = timeAt(event);
    const near = ((view[1] - view[0]) / marks.clientWidth) * 7;
    let best = null;
    let least = near;
    const from = lastBefore(lane, time + near);
    for (let k = from; k >= 0 && k > from - 60; k -= 1) {
      const [onset, end] = spanOf(lane, k);
      const away = Math.max(onset - time, time - end, 0);
      if (away < least) { best = k; least = away; }
    }
    return best === null ? null : [lane, best];
  }

  // pointer: drag pans, two fingers or ctrl and wheel zoom, a click opens the signal

  const pointers = new Map();
  let moved = false;

  plot.addEventListener("pointerdown", (event) => {
    pointers.set(event.pointerId, event);
    moved = false;
  });
  plot.addEventListener("pointermove", (event) => {
    const before = pointers.get(event.pointerId);
    if (!before) {
      const at = markAt(event);
      if (at) choose(...at); else leave();
      return;
    }
    if (!moved && Math.abs(event.clientX - before.clientX) < 4) return;
    moved = true;
    plot.setPointerCapture(event.pointerId);
    const [first, second] = [...pointers.values()];
    if (second) {
      const other = first.pointerId === event.pointerId ? second : first;
      const apart = Math.abs(before.clientX - other.clientX) || 1;
      zoom(clamp(apart / (Math.abs(event.clientX - other.clientX) || 1), 0.5, 2), timeAt(other));
    } else {
      pan((before.clientX - event.clientX) / marks.clientWidth);
    }
    pointers.set(event.pointerId, event);
  });
  for (const name of ["pointerup", "pointercancel", "pointerleave"]) {
    plot.addEventListener(name, (event) => {
      pointers.delete(event.pointerId);
      if (name === "pointerleave") leave();
    });
  }
  plot.addEventListener("click", (event) => {
    const at = moved ? null : markAt(event);
    if (!at) return;
    choose(...at);
    openSignal();
  });
  plot.addEventListener("dblclick", (event) => { if (!markAt(event)) zoom(0.25, timeAt(event)); });
  plot.addEventListener("wheel", (event) => {
    if (event.ctrlKey || event.metaKey) zoom(Math.exp(event.deltaY / 200), timeAt(event));
    else if (event.deltaX) pan(event.deltaX / marks.clientWidth);
    else return;
    event.preventDefault();
  }, { passive: false });

  // keyboard: arrows go from mark to mark and from lane to lane

  function step(by) {
    if (!chosen) {
      const first = night.lanes.find((lane) => lane.rows) || night.lanes.find(countOf);
      if (!first) return;
      chosen = [first, Math.max(0, lastBefore(first, view[0]))];
      by = 0;
    }
    const [lane, k] = chosen;
    reveal(lane, clamp(k + by, 0, countOf(lane) - 1));
  }

  // movements one after the other, whatever their line
  const laneOf = new Map(night.lanes.flatMap((lane) => (lane.rows || []).map((row) => [row, lane])));

  function toRow(row) {
    const lane = laneOf.get(row);
    if (lane) reveal(lane, lane.rows.indexOf(row));
    return Boolean(lane);
  }

  function stepRow(by) {
    let row = chosen && rowOf(...chosen);
    if (row === null) { step(by); return; }
    do row += by; while (row >= 0 && row < night.movements.onset_s.length && !laneOf.has(row));
    toRow(row);
  }

  function changeLane(by) {
    if (!chosen) { step(0); return; }
    const [lane, k] = chosen;
    const next = night.lanes[clamp(night.lanes.indexOf(lane) + by, 0, night.lanes.length - 1)];
    reveal(next, Math.max(0, lastBefore(next, spanOf(lane, k)[0])));
  }

  function reveal(lane, k) {
    const [onset, end] = spanOf(lane, k);
    const width = view[1] - view[0];
    if (onset < view[0] || end > view[1]) show(onset - width / 2, onset + width / 2);
    choose(lane, k);
  }

  const keys = {
    ArrowRight: () => step(1), ArrowLeft: () => step(-1),
    ArrowDown: () => changeLane(1), ArrowUp: () => changeLane(-1),
    Home: () => { if (chosen) reveal(chosen[0], 0); },
    End: () => { if (chosen) reveal(chosen[0], countOf(chosen[0]) - 1); },
    "+": tools.in, "=": tools.in, "-": tools.out, 0: tools.all,
    PageUp: tools.left, PageDown: tools.right, j: () => stepRow(1), k: () => stepRow(-1),
    Enter: () => openSignal(), " ": () => openSignal(), Escape: forget,
  };
  plot.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const does = keys[event.key];
    if (!does) { hooks.key(event); return; }
    event.preventDefault();
    if (["+", "="].includes(event.key) && chosen) {
      const [onset, end] = spanOf(...chosen);
      zoom(0.5, (onset + end) / 2);
    } else does();
  });
  plot.addEventListener("blur", () => { if (!dialog.open) forget(); });

  // the signal around a movement

  let codes = null;
  let gain = 1;

  function unpacked(id) {
    const text = document.getElementById(id).textContent;
    const bytes = Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0));
    return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate")));
  }

  function openSignal() {
    if (!chosen || rowOf(...chosen) === null) return;
    const row = rowOf(...chosen);
    document.getElementById("signal-facts").textContent =
      factsOf(...chosen).map(([name, what]) => `${name}: ${what}`).join(" · ");
    if (!dialog.open) dialog.showModal();
    hooks.opened(row);
    drawSignal(row);
  }

  async function drawSignal(row) {
    const place = document.getElementById("signal-drawing");
    const say = (text) => { place.textContent = text; };
    if (!night.signals) { say(words.no_signal); return; }
    if (!("DecompressionStream" in window)) { say(words.old_browser); return; }
    codes ??= new Int8Array(await unpacked("signal-data").arrayBuffer());
    if (!chosen || rowOf(...chosen) !== row) return; // another one was opened meanwhile
    const onset = night.movements.onset_s[row];
    const end = night.movements.end_s[row];
    const half = Math.max(15, (end - onset) / 2 + 3);
    const first = clamp((onset + end) / 2 - half, whole[0], Math.max(whole[0], whole[1] - 2 * half));
    const kept = night.signals.windows.find(([from, to]) => onset >= from && onset < to);
    if (!kept) { say(words.left_out); return; }
    const range = [Math.max(first, kept[0]), Math.min(first + 2 * half, kept[1])];
    place.replaceChildren(signalDrawing(row, range, place.clientWidth || 900));
  }

  function valuesOf(series, range, scale) {
    let before = 0;
    for (const [from, to] of night.signals.windows) {
      if (from <= range[0] && range[1] <= to) {
        const begin = Math.round((range[0] - from) * series.rate_hz);
        const count = Math.round((range[1] - range[0]) * series.rate_hz);
        const at = series.at + before + begin;
        return Array.from(codes.subarray(at, at + count), (q, k) => ({
          t: from + (begin + k + 0.5) / series.rate_hz,
          y: q === -128 ? null : Math.sign(q) * q * q * scale,
        }));
      }
      before += Math.round((to - from) * series.rate_hz);
    }
    return [];
  }

  function signalDrawing(row, range, width) {
    const left = 6;
    const height = 110;
    const channels = night.signals.channels;
    const total = channels.length * (height + 22) + 24;
    const drawing = svg("svg", { width, height: total, role: "img", "aria-label": words.drawing });
    const x = (t) => left + ((t - range[0]) / (range[1] - range[0])) * (width - 2 * left);
    const [times, stepS] = tickTimes(range[0], range[1], width / 80);
    for (const t of times) {
      svg("path", { class: "grid", d: `M${x(t)} 0V${total - 20}` }, drawing);
      const text = svg("text", { x: x(t), y: total - 6, "text-anchor": "middle" }, drawing);
      text.textContent = clock(t, stepS < 60);
    }
    const values = channels.map((channel) => Object.fromEntries(Object.entries(channel.series)
      .map(([name, series]) => [name, valuesOf(series, range, channel.scale)])));
    const reach = reachOf(channels, values);
    channels.forEach((channel, number) => {
      const top = number * (height + 22) + 18;
      for (const other of channel.rows) {
        const a = night.movements.onset_s[other];
        const b = night.movements.end_s[other];
        if (b < range[0] || a > range[1]) continue;
        const from = x(Math.max(a, range[0]));
        const style = `${other === row ? "scored this" : "scored"} ${hooks.stateOf(other)}`;
        svg("rect", { class: style.trim(), x: from, y: top,
          width: Math.max(1, x(Math.min(b, range[1])) - from), height }, drawing);
      }
      drawChannel(drawing, channel, values[number],
        { range, x, top, height, most: reach[channel.unit] / gain });
    });
    return drawing;
  }

  // how far the axis goes, the same for all channels of a unit: to the largest value there is,
  // but not so far that thresholds could not be seen
  function reachOf(channels, values) {
    const reach = {};
    for (const unit of new Set(channels.map((channel) => channel.unit))) {
      let largest = 0;
      let threshold = 0;
      channels.forEach((channel, number) => {
        if (channel.unit !== unit) return;
        for (const name of ["low", "high", "level", "on"]) {
          for (const { y } of values[number][name] || []) largest = Math.max(largest, Math.abs(y));
        }
        for (const { y } of values[number].on || []) threshold = Math.max(threshold, y);
      });
      reach[unit] = Math.min(largest, 10 * threshold || largest) || 1;
    }
    return reach;
  }

  function drawChannel(drawing, channel, values, { range, x, top, height, most }) {
    const least = channel.series.low ? -most : 0;
    const y = (value) => top + height * (1 - (clamp(value, least, most) - least) / (most - least));
    const line = (points) => points.map((p, k) => (p.y === null ? "" :
      `${k && points[k - 1].y !== null ? "L" : "M"}${x(p.t).toFixed(1)} ${y(p.y).toFixed(1)}`)).join("");
    const across = (points) => points.length ? line([{ t: range[0], y: points[0].y }, ...points,
      { t: range[1], y: points.at(-1).y }]) : "";
    const low = values.low || values.high.map(({ t, y: v }) => ({ t, y: v === null ? null : 0 }));
    const known = values.high.map((p, k) => [p, low[k]]).filter(([p, q]) => p.y !== null && q?.y !== null);
    const bars = known.map(([p, q]) =>
      `M${x(p.t).toFixed(1)} ${y(p.y).toFixed(1)}V${(y(q.y) + 0.5).toFixed(1)}`).join("");
    svg("path", { class: "signal", d: bars }, drawing);
    svg("path", { class: "level", d: line(values.level || []) }, drawing);
    for (const name of ["rest", "on", "off"]) {
      svg("path", { class: name, d: across(values[name] || []) }, drawing);
    }
    const name = svg("text", { class: "name", x: 6, y: top - 5 }, drawing);
    name.textContent = `${channel.label} · ${channel.place}`;
    const scale = svg("text", { x: x(range[1]), y: top - 5, "text-anchor": "end" }, drawing);
    const shownMost = written(most >= 100 ? most.toFixed(0) : `${Number(most.toPrecision(2))}`);
    scale.textContent = `${least < 0 ? "±" : ""}${shownMost}\u2009${channel.unit}`;
  }

  const steps = {
    next: () => { stepRow(1); openSignal(); },
    previous: () => { stepRow(-1); openSignal(); },
    higher: () => { gain = clamp(gain * 2, 1 / 64, 64); openSignal(); },
    lower: () => { gain = clamp(gain / 2, 1 / 64, 64); openSignal(); },
    close: () => dialog.close(),
  };

  dialog.addEventListener("click", (event) => {
    const by = event.target.dataset?.step;
    if (event.target === dialog) dialog.close(); else steps[by]?.();
  });
  dialog.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches("input")) return;
    const by = { ArrowRight: "next", ArrowLeft: "previous", j: "next", k: "previous",
      "+": "higher", "=": "higher", "-": "lower" }[event.key];
    if (!by) { hooks.key(event); return; }
    event.preventDefault();
    steps[by]();
  });
  dialog.addEventListener("close", () => plot.focus());

  // a movement of the table opens its signal too

  table?.classList.add("opens");
  table?.tBodies[0].addEventListener("click", (event) => {
    if (toRow(event.target.closest("tr").sectionRowIndex)) openSignal();
  });

  document.querySelector("#overview .tools").addEventListener("click", (event) => {
    tools[event.target.dataset.tool]?.();
  });
  window.addEventListener("resize", drawAxis);
  window.addEventListener("beforeprint", () => {
    forget();
    show(...whole);
    ticks.innerHTML = printed.ticks;
    grid.setAttribute("d", printed.grid);
  });
  window.addEventListener("afterprint", () => show(...whole));

  document.querySelector("#overview .tools").hidden = false;
  document.getElementById("how").hidden = false;
  plot.tabIndex = 0;
  plot.setAttribute("role", "application");
  show(...whole);
  return {
    night, marks, plot, table, dialog, hooks, laneOf, svg, unpacked, toRow, openSignal,
    chosenRow: () => (chosen ? rowOf(...chosen) : null),
    redraw: () => { if (dialog.open && chosen) drawSignal(rowOf(...chosen)); },
  };
})();
