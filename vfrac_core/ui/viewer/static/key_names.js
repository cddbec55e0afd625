// Wherever the page names a key it is the reader's own, also after a change in the help sheet.

import { element } from "./elements.js";

/** The name of the key that does `id`, alone; `nameKeys` fills it in. */
export const keyOf = (id, tag = "span") => element(tag, { "data-key-of": id });

/** A text and the key that does it: "Flag (F)". */
export const withKey = (text, id) => [text, " (", keyOf(id), ")"];

/** Fill in the names below `root`, and the tooltips of all that a key does too; now and at each change. */
export function nameKeys(root, keys) {
  const name = () => {
    for (const one of root.querySelectorAll("[data-key-of]")) one.textContent = keys.name(one.dataset.keyOf);
    for (const one of root.querySelectorAll("[data-action]")) one.title = keys.tooltip(one.dataset.action);
  };
  name();
  keys.onChange(name);
}
