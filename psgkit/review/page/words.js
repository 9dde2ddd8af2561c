// Texts of the page in the language of the server; English where there is no translation.

import {texts} from "./texts.js";

export function _(text, fields = {}) {
  return (texts[text] ?? text).replace(/\{(\w+)\}/g, (whole, name) => fields[name] ?? whole);
}
