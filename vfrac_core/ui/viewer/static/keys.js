// The keys and mouse buttons as this reader has them: the table of keymap.js with the reader's own changes, kept in the browser.

import { actionOf, KEYMAP, keyLabel, MOUSE, MOUSE_TOOLS } from "./keymap.js";

const STORED = "vfrac.keys";

export class Keys {
  #storage;
  #own; // {keys: {id: string[]}, mouse: {button: tool}}
  #listeners = [];

  /** @param {Storage} [storage]  like localStorage; without one nothing is kept */
  constructor(storage) {
    this.#storage = storage;
    this.#own = read(storage);
  }

  /** The whole table as it holds now. @returns {import("./keymap.js").Binding[]} */
  get table() {
    return KEYMAP.map((binding) => ({ ...binding, keys: this.#own.keys[binding.id] ?? binding.keys }));
  }

  /** Which tool each mouse button drags with: [{button, label, tool}]. */
  get mouse() {
    return MOUSE.map((one) => ({ ...one, tool: this.#own.mouse[one.button] ?? one.tool }));
  }

  actionOf(event, context = null) {
    return actionOf(event, context, this.table);
  }

  /** The key that does it, as people read it: "1", or "" where there is none. */
  name(id) {
    const [first] = this.table.find((one) => one.id === id)?.keys ?? [];
    return first ? keyLabel(first) : "";
  }

  /** "Bone window (1)". */
  tooltip(id) {
    const binding = this.table.find((one) => one.id === id);
    return binding ? `${binding.label}${binding.keys.length ? ` (${this.name(id)})` : ""}` : "";
  }

  /**
   * Give an id another key. A key that already does something else in the same situation is refused.
   * @returns {string} why it was refused, or ""
   */
  assign(id, key) {
    const table = this.table;
    const binding = table.find((one) => one.id === id);
    const taken = table.find((one) => one.id !== id && one.keys.includes(key) && (one.when ?? null) === (binding.when ?? null));
    if (taken) return `${keyLabel(key)} is taken by “${taken.label}”.`;
    this.#change({ ...this.#own, keys: { ...this.#own.keys, [id]: [key] } });
    return "";
  }

  assignMouse(button, tool) {
    this.#change({ ...this.#own, mouse: { ...this.#own.mouse, [button]: tool } });
  }

  /** Back to the table as it is shipped. */
  reset() {
    this.#change({ keys: {}, mouse: {} });
  }

  get changed() {
    return Object.keys(this.#own.keys).length + Object.keys(this.#own.mouse).length > 0;
  }

  onChange(listener) {
    this.#listeners.push(listener);
  }

  #change(own) {
    this.#own = own;
    try {
      this.#storage?.setItem(STORED, JSON.stringify(own));
    } catch { /* storage full or forbidden: it holds as long as the page */ }
    this.#listeners.forEach((listener) => listener());
  }
}

/** What was kept, less what this version does not know any more. */
function read(storage) {
  try {
    const { keys = {}, mouse = {} } = JSON.parse(storage?.getItem(STORED) ?? "{}");
    const known = ([id, list]) => KEYMAP.some((binding) => binding.id === id) && Array.isArray(list) && list.every((key) => typeof key === "string");
    const fits = ([button, tool]) => MOUSE.some((one) => String(one.button) === button) && tool in MOUSE_TOOLS;
    return { keys: Object.fromEntries(Object.entries(keys).filter(known)), mouse: Object.fromEntries(Object.entries(mouse).filter(fits)) };
  } catch {
    return { keys: {}, mouse: {} };
  }
}
