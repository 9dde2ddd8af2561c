"use strict";
// Long tables: a search over all words of a row, a head that sorts, commands to copy.
(() => {
  const order = new Intl.Collator(document.documentElement.lang, { numeric: true, sensitivity: "base" });

  function compare(one, two) {
    if (one === null || two === null) return (one === null) - (two === null);
    return typeof one === "number" ? one - two : order.compare(one, two);
  }

  // what a column is sorted by: a number, words, or nothing, which comes last
  function valueOf(cell) {
    const { sort, sorts } = cell.dataset;
    if (sort === undefined) return null;
    return sorts === "number" ? Number(sort) : sort;
  }

  async function copy(button) {
    const code = button.previousElementSibling;
    try {
      await navigator.clipboard.writeText(code.textContent);
    } catch {
      getSelection().selectAllChildren(code); // the user can copy it
      return;
    }
    button.textContent = button.dataset.done;
    button.addEventListener("blur", () => { button.textContent = button.dataset.words; }, { once: true });
  }

  for (const box of document.querySelectorAll(".listing")) {
    const table = box.querySelector("table");
    const body = table.tBodies[0];
    const most = 100; // rows shown at first: a browser lays out a thousand in seconds
    let all = false;
    let rows = [...body.rows].map((row) => ({ row, words: row.textContent.toLowerCase() }));
    const search = box.querySelector("input");
    const count = box.querySelector("[role=status]");
    const more = box.querySelector("[data-more]");

    function show() {
      const wanted = search.value.toLowerCase().split(/\s+/).filter(Boolean);
      const found = rows.filter(({ words }) => wanted.every((word) => words.includes(word)));
      const shown = new Set(all ? found : found.slice(0, most));
      for (const one of rows) one.row.hidden = !shown.has(one);
      const said = (text) => text.replace("{shown}", found.length).replace("{n}", rows.length);
      count.textContent = said(count.dataset.words);
      more.hidden = shown.size === found.length;
      more.textContent = said(more.dataset.words);
    }

    function sort(head) {
      const up = head.ariaSort !== "ascending";
      for (const other of head.parentElement.cells) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", up ? "ascending" : "descending");
      const keyed = rows.map((one) => [valueOf(one.row.cells[head.cellIndex]), one]);
      keyed.sort(([one], [two]) =>
        one === null || two === null || up ? compare(one, two) : compare(two, one));
      rows = keyed.map(([, one]) => one);
      for (const { row } of rows) row.hidden = true;
      body.append(...rows.map(({ row }) => row));
      show();
    }

    for (const head of table.tHead.rows[0].cells) {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = head.textContent;
      button.addEventListener("click", () => sort(head));
      head.replaceChildren(button);
    }
    search.addEventListener("input", show);
    more.addEventListener("click", () => { all = true; show(); });
    addEventListener("beforeprint", () => { all = true; show(); });
    // what a number stands for, under the pointer too
    body.addEventListener("pointerover", (event) => {
      const said = event.target.closest?.("details");
      if (said && !said.title) {
        said.title = [...said.querySelectorAll("li")].map((one) => one.textContent).join("\n");
      }
    });
    body.addEventListener("click", (event) => {
      if (event.target.matches("[data-copy]")) copy(event.target);
    });
    for (const button of box.querySelectorAll("[data-copy]")) button.dataset.words = button.textContent;
    for (const one of box.querySelectorAll(".if-script")) one.hidden = false;
    show();
  }
})();
