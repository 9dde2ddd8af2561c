// Texts of the page in the language of the server; English where there is no translation.

import {language, texts} from "./texts.js";

export function _(text, fields = {}) {
  return (texts[text] ?? text).replace(/\{(\w+)\}/g, (whole, name) => fields[name] ?? whole);
}

export const shortNumber = (value, digits) =>
  value.toLocaleString(language, {minimumFractionDigits: digits, maximumFractionDigits: digits, useGrouping: false});

// what stands in the page itself
export function translatePage() {
  document.documentElement.lang = language;
  const nodes = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (nodes.nextNode()) {
    const {data} = nodes.currentNode;
    const text = data.replace(/\s+/g, " ").trim();
    if (text in texts) nodes.currentNode.data = data.replace(data.trim(), () => texts[text]);
  }
  for (const one of document.querySelectorAll("[title], [aria-label]")) {
    for (const name of ["title", "aria-label"]) {
      const text = one.getAttribute(name);
      if (text in texts) one.setAttribute(name, texts[text]);
    }
  }
}
