// Review of the movements on the page itself: accept, reject, comment, undo, and a file like that
// of psgkit review.  A mark is what was found at one site; a movement of both legs has two or more.
(async () => {
  if (!("DecompressionStream" in window)) return; // the page stays what it is without a review
  const view = nightView;
  const { line, marks: marksOf } = await view.unpacked("review-data").json();
  const { words } = view.night;
  const by = (id) => document.getElementById(id);
  const body = view.table.tBodies[0];
  const who = by("review-who");
  const signed = by("review-signed");
  const comment = by("review-comment");
  const KEYS = "psgkit-review-";
  const KEPT = `${KEYS}${view.night.review}`;
  const RECORDING = line.recording.sha256 || line.recording.file;
  const NEAR_S = 0.5; // between the ends of a mark found twice
  const NAME = "psgkit-reviewer";
  const MARKED = { accept: "accepted", reject: "rejected", reset: "undecided" };
  const rowOf = new Map(marksOf.flatMap((ids, row) => ids.map((id) => [id, row])));
  let marks; // as they are now, by id
  let done; // {before, after} of each change that can be undone
  let undone;
  let changes = []; // {what, ids, text, when, who}: all that the marks and the file come from
  let saved = 0; // how many of them are in a file
  let emptied = false; // whether the review was discarded
  let kept = true; // whether the browser keeps them

  const filled = (text, values) => text.replace(/\{(\w+)\}/g, (all, name) => values[name] ?? all);
  const say = (text) => { for (const id of ["review-said", "signal-said"]) by(id).textContent = text; };
  const edit = (ids, get) => ({ marks: Object.fromEntries(ids.map((id) => [id, get(marks.get(id))])) });

  function begin() {
    marks = new Map((line.now || line.base).marks.map((mark) => [mark.id, mark]));
    done = [];
    undone = [];
  }

  // make a change and return its line of the file
  function made({ what, ids, text, ...said }) {
    const type = what === "undo" || what === "redo" ? what : "change";
    let step;
    if (type === "change") {
      const now = (mark) => what === "comment" ? { ...mark, comment: text }
        : { ...mark, status: MARKED[what] };
      step = { before: edit(ids, (mark) => mark), after: edit(ids, now) };
      done.push(step);
      undone = [];
    } else {
      const [from, to] = type === "undo" ? [done, undone] : [undone, done];
      to.push(from.pop());
      step = to.at(-1);
      if (type === "undo") step = { before: step.after, after: step.before };
    }
    for (const [id, mark] of Object.entries(step.after.marks)) marks.set(id, mark);
    return { type, ...said, ...(type === "change" ? { change: { action: what, ids, text } } : {}), ...step };
  }

  function make(change) {
    const whole = { ...change, when: new Date().toISOString(), who: who.value.trim() };
    const rows = Object.keys(made(whole).after.marks).map((id) => rowOf.get(id));
    changes.push(whole);
    signed.checked = false;
    keep();
    draw(new Set(rows));
    return rows[0];
  }

  // what the browser keeps until the page is opened again

  function keep() {
    try {
      // with where the marks are: the page of a new report of this recording may have other ids
      const used = new Set(changes.flatMap(({ ids }) => ids || []));
      const places = Object.fromEntries([...used].map((id) => [id, placeOf(marks.get(id))]));
      if (changes.length || emptied) {
        localStorage.setItem(KEPT, JSON.stringify({ recording: RECORDING, changes, saved, places }));
      } else localStorage.removeItem(KEPT);
      kept = true;
    } catch {
      kept = false; // storage is forbidden or full
    }
  }

  const placeOf = ({ kind, site, sensor, onset_s, end_s }) => ({ kind, site, sensor, onset_s, end_s });

  function read(key) {
    const text = localStorage.getItem(key);
    if (text === null) return null;
    try {
      const found = JSON.parse(text);
      return Array.isArray(found?.changes) ? found : { changes: [], unread: true };
    } catch {
      return { changes: [], unread: true };
    }
  }

  // what another report of this recording left, not yet saved as a file
  function ofAnotherReport() {
    for (let n = 0; n < localStorage.length; n++) {
      const key = localStorage.key(n);
      const found = key.startsWith(KEYS) && key !== KEPT ? read(key) : null;
      if (found?.recording === RECORDING && found.changes.length > (found.saved || 0)) return found;
    }
    return null;
  }

  // the mark that an id of another page stands for, or undefined
  function markHere(id, places) {
    const place = places?.[id];
    if (!place) return marks.has(id) && !places ? id : undefined;
    const same = (mark) => mark && ["kind", "site", "sensor"].every((name) => (mark[name] || "") === (place[name] || ""))
      && Math.abs(mark.onset_s - place.onset_s) <= NEAR_S && Math.abs(mark.end_s - place.end_s) <= NEAR_S;
    return same(marks.get(id)) ? id : [...marks.values()].find(same)?.id;
  }

  const inWords = ({ what, ids, text }, places) => {
    const at = places?.[ids?.[0]]?.onset_s ?? marks.get(ids?.[0])?.onset_s;
    const said = [words[MARKED[what]] || text || what, at === undefined ? ids?.join(" ") : `${Math.round(at)} s`];
    return said.filter((one) => typeof one === "string").join(" ").slice(0, 60);
  };

  // make the changes again that fit, and return the others; an undo goes with what it took back
  function replay(found) {
    const left = [];
    let past = [], taken = []; // whether each change was made
    for (const one of found.changes) {
      const what = one?.what;
      if (what === "undo" || what === "redo") {
        const [from, to] = what === "undo" ? [past, taken] : [taken, past];
        const fits = from.pop();
        if (fits === undefined) { left.push(one); continue; }
        to.push(fits);
        if (fits) { made(one); changes.push(one); }
        continue;
      }
      const known = what in MARKED || (what === "comment" && typeof one.text === "string");
      const ids = known && Array.isArray(one.ids) ? one.ids.map((id) => markHere(id, found.places)) : [];
      const fits = ids.length > 0 && !ids.includes(undefined);
      past.push(fits);
      taken = [];
      if (!fits) { left.push(one); continue; }
      const here = { ...one, ids };
      made(here);
      changes.push(here);
    }
    return left;
  }

  function load() {
    let found = null, elsewhere = null;
    begin();
    changes = [];
    saved = 0;
    emptied = false;
    try {
      who.value ||= localStorage.getItem(NAME) || "";
      found = read(KEPT);
      if (found === null) elsewhere = ofAnotherReport();
    } catch {
      kept = false;
    }
    if (!found && !elsewhere) { draw(marksOf.keys()); return; }
    const from = found || elsewhere;
    const left = replay(from);
    saved = found && !left.length ? found.saved || 0 : 0;
    emptied = Boolean(found) && !changes.length;
    draw(marksOf.keys());
    const said = [];
    if (from.unread) said.push(words.unread);
    if (elsewhere && changes.length) said.push(filled(words.taken_over, { n: changes.length }));
    if (left.length) {
      const shown = left.slice(0, 10).map((one) => inWords(one || {}, from.places)).join("; ");
      said.push(filled(words.no_longer_fit, { n: left.length, list: left.length > 10 ? `${shown}; ...` : shown }));
    }
    if (said.length) by("review-said").textContent = said.join(" ");
    if (elsewhere) keep();
  }

  // what is shown

  function stateOf(row) {
    const states = new Set(marksOf[row].map((id) => marks.get(id).status));
    const [state] = states;
    return states.size === 1 && state !== "undecided" ? state : "";
  }
  const commentOf = (row) => marks.get(marksOf[row][0])?.comment || "";

  function draw(rows) {
    for (const row of rows) {
      const state = stateOf(row);
      const shown = body.rows[row];
      shown.className = state;
      shown.cells[0].textContent = [words[state], commentOf(row)].filter(Boolean).join(": ");
      shown.cells[0].title = commentOf(row);
    }
    const paths = { accepted: "", rejected: "" };
    marksOf.forEach((_, row) => {
      const state = stateOf(row);
      const lane = view.laneOf.get(row);
      const { onset_s: onset, end_s: end } = view.night.movements;
      const [top, height] = state === "accepted" ? [-4, 2.5] : [0, 17]; // above the mark; over it
      if (state && lane) {
        paths[state] += `M${onset[row]} ${lane.top + top}H${end[row]}v${height}H${onset[row]}z`;
      }
    });
    for (const [state, path] of Object.entries(paths)) drawn[state].setAttribute("d", path);
    tell();
    if (view.dialog.open) view.openSignal();
  }

  function tell() {
    const states = marksOf.flatMap((ids, row) => (ids.length ? [stateOf(row)] : []));
    const count = (state) => states.filter((one) => one === state).length;
    const accepted = count("accepted");
    const rejected = count("rejected");
    by("review-count").textContent = filled(words.decided,
      { decided: accepted + rejected, n: states.length, accepted, rejected });
    by("review-kept").textContent = changes.length === saved ? ""
      : kept ? words.kept : words.not_kept;
    for (const button of document.querySelectorAll("[data-review]")) {
      const { review } = button.dataset;
      if (review === "undo") button.disabled = !done.length;
      if (review === "redo") button.disabled = !undone.length;
      if (review === "discard") button.disabled = !changes.length;
    }
  }

  function opened(row) {
    const state = stateOf(row);
    by("signal-state").textContent = words[state] || words.undecided;
    by("signal-state").className = state;
    by("signal-said").textContent = marksOf[row].length ? "" : words.not_reviewed_here;
    comment.value = commentOf(row);
    comment.disabled = !marksOf[row].length;
    for (const button of view.dialog.querySelectorAll("[data-review]")) {
      const marked = MARKED[button.dataset.review];
      if (!marked) continue;
      button.disabled = !marksOf[row].length;
      button.setAttribute("aria-pressed", state === marked);
    }
  }

  // what can be done

  function decide(row, what) {
    if (row === null || row === undefined) { say(words.choose_first); return; }
    if (!marksOf[row].length) { say(words.not_reviewed_here); return; }
    say("");
    // the same again takes a decision back
    make({ what: stateOf(row) === MARKED[what] ? "reset" : what, ids: marksOf[row] });
  }

  function back(what) {
    if (!(what === "undo" ? done : undone).length) { say(words[`no_${what}`]); return; }
    say("");
    const row = make({ what });
    if (view.dialog.open && view.toRow(row)) view.openSignal();
    else if (document.activeElement === view.plot) view.toRow(row);
  }

  function commented() {
    const row = view.chosenRow();
    const text = comment.value.trim();
    if (row === null || text === commentOf(row)) return;
    make({ what: "comment", ids: marksOf[row], text: text.toWellFormed?.() ?? text });
  }

  function save() {
    const name = who.value.trim();
    who.setAttribute("aria-invalid", !name);
    if (!name) { say(words.name_first); who.focus(); return; }
    if (!changes.length && !signed.checked) { say(words.nothing_yet); return; }
    const now = new Date().toISOString();
    begin();
    const rows = changes.map((one) => ({ ...made({ ...one, who: one.who || name }) }));
    const first = { schema: line.schema, type: "start", when: changes[0]?.when || now, who: name, ...line };
    const last = signed.checked ? [{ type: "signed", when: now, who: name, comment: "" }] : [];
    const text = [first, ...rows, ...last].map((row) => `${JSON.stringify(row)}\n`).join("");
    const file = `${line.recording.file.replace(/\.[^.]*$/, "").replace(/[^\w.-]+/g, "_")}_review.jsonl`;
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([text], { type: "application/jsonl" }));
    link.download = file;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60000);
    saved = changes.length;
    keep();
    tell();
    say(filled(words.saved, { file }));
  }

  function discard(button) {
    if (button.textContent !== words.sure) { button.textContent = words.sure; return; }
    button.textContent = button.dataset.words;
    changes = [];
    saved = 0;
    emptied = true; // what another report of this recording left is not taken over again
    begin();
    keep();
    draw(marksOf.keys());
    say(words.discarded);
  }

  const actions = {
    accept: () => decide(view.chosenRow(), "accept"), reject: () => decide(view.chosenRow(), "reject"),
    undo: () => back("undo"), redo: () => back("redo"), save, discard,
  };
  const keys = {
    a: actions.accept, x: actions.reject, u: actions.undo, U: actions.redo,
    c: () => {
      if (view.chosenRow() === null) { say(words.choose_first); return; }
      view.openSignal();
      comment.focus();
    },
  };
  view.hooks.stateOf = stateOf;
  view.hooks.opened = opened;
  view.hooks.key = (event) => {
    if (!keys[event.key]) return;
    event.preventDefault();
    keys[event.key]();
  };
  for (const button of document.querySelectorAll("[data-review]")) {
    button.addEventListener("click", () => actions[button.dataset.review](button));
  }
  const discards = document.querySelector("[data-review=discard]");
  discards.dataset.words = discards.textContent;
  discards.addEventListener("blur", () => { discards.textContent = discards.dataset.words; });
  comment.addEventListener("change", commented);
  comment.addEventListener("keydown", (event) => {
    if (event.isComposing || (event.key !== "Enter" && event.key !== "Escape")) return;
    event.preventDefault();
    if (event.key === "Escape") comment.value = commentOf(view.chosenRow()); else commented();
    view.dialog.querySelector("[data-review=accept]").focus();
  });
  who.addEventListener("change", () => {
    try { localStorage.setItem(NAME, who.value.trim()); } catch { kept = false; }
  });
  addEventListener("storage", (event) => { if (event.key === KEPT) load(); });
  addEventListener("beforeunload", (event) => { if (!kept && changes.length !== saved) event.preventDefault(); });

  // the table: a column with what was decided, and the same keys on each of its lines

  const head = document.createElement("th");
  head.scope = "col";
  head.textContent = words.review;
  view.table.tHead.rows[0].prepend(head);
  for (const row of body.rows) {
    row.prepend(document.createElement("td"));
    row.tabIndex = row.sectionRowIndex ? -1 : 0;
  }
  body.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const shown = event.target.closest("tr");
    const row = shown.sectionRowIndex;
    const next = { ArrowDown: 1, j: 1, ArrowUp: -1, k: -1 }[event.key];
    if (next) {
      const other = body.rows[row + next];
      if (other) [shown.tabIndex, other.tabIndex] = [-1, 0];
      other?.focus();
    } else if (event.key === "a" || event.key === "x") decide(row, event.key === "a" ? "accept" : "reject");
    else if (event.key === "u" || event.key === "U") keys[event.key]();
    else if (event.key === "Enter" || event.key === "c") {
      if (!view.toRow(row)) return;
      if (event.key === "c") keys.c(); else view.openSignal();
    } else return;
    event.preventDefault();
  });

  const drawn = Object.fromEntries(["rejected", "accepted"].map((state) =>
    [state, view.svg("path", { class: `review-${state}` }, view.marks)]));
  for (const one of document.querySelectorAll(".if-review")) one.hidden = false;
  load();
  document.documentElement.dataset.review = "ready";
})();
