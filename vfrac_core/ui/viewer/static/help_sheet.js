// The help sheet: all keys and mouse actions, from the tables that the code reads. A click on a key waits for another one.

import { button, element } from "./elements.js";
import { combination, GESTURES, keyLabel, MOUSE_TOOLS } from "./keymap.js";

const MODIFIERS = /^(Shift|Control|Alt|Meta)(Left|Right)$/;

/**
 * @param {HTMLElement} root   where the dialog is put
 * @param {import("./keys.js").Keys} keys
 * @param {(binding: import("./keymap.js").Binding) => boolean} isOffered  what this page can do
 * @param {() => void} onClose
 */
export function createHelpSheet(root, keys, isOffered, onClose) {
  const note = element("p", { class: "vfrac-help-note", role: "status", "aria-live": "polite" });
  const content = element("div", { class: "vfrac-help-groups" });
  const reset = button("All as shipped", () => { keys.reset(); say("All keys are as shipped."); }, { id: "reset-keys" });
  const close = button("Close (Esc)", () => dialog.close(), { id: "close-help" });
  const dialog = element("dialog", { id: "help-sheet", class: "vfrac-help", "aria-labelledby": "help-title", onclose: onClose },
    element("header", { class: "vfrac-row vfrac-between" }, element("h2", { id: "help-title" }, "Keys and mouse"),
      element("span", { class: "vfrac-row" }, reset, close)),
    element("p", { class: "vfrac-hint" }, "Click a key to change it: your changes stay in this browser. Keys are off while you type."),
    note, content);
  let waiting = null; // {id, button}
  root.append(dialog);
  dialog.addEventListener("keydown", take, true);
  keys.onChange(fill);

  function open() {
    say("");
    fill();
    dialog.showModal();
  }

  function fill() {
    waiting = null;
    const table = keys.table.filter(isOffered);
    const groups = [...new Set(table.map(({ group }) => group))];
    content.replaceChildren(...groups.map((group) => section(group, table.filter((one) => one.group === group).map(keyRow))),
      section("Mouse", keys.mouse.map(mouseRow)),
      section("Always", GESTURES.map(([input, does]) => row(element("span", { class: "vfrac-gesture" }, input), does))));
    reset.disabled = !keys.changed;
  }

  function section(title, rows) {
    return element("section", {}, element("h3", {}, title), element("dl", {}, ...rows.flat()));
  }

  function row(input, does) {
    return [element("dt", {}, input), element("dd", {}, does)];
  }

  function keyRow({ id, keys: [first, ...more], label, when }) {
    const name = keyLabel(first);
    const key = button(name, () => wait(id, key), { class: "vfrac-key", "data-id": id, "aria-label": `${label}: ${name}. Change the key` });
    const also = more.length ? element("small", {}, ` or ${more.map(keyLabel).join(", ")}`) : null;
    return row(element("span", {}, key, also), when === "box" ? `${label} (while it is selected)` : label);
  }

  function mouseRow({ button: number, label, tool }) {
    const select = element("select", { "aria-label": label, onchange: () => keys.assignMouse(number, select.value) },
      ...Object.entries(MOUSE_TOOLS).filter(([id]) => (id === "left-tool") === (number === 0)).map(([id, does]) => element("option", { value: id }, does)));
    select.value = tool;
    return row(label, select);
  }

  function wait(id, key) {
    if (waiting) fill();
    const shown = content.querySelector(`[data-id="${CSS.escape(id)}"]`) ?? key;
    waiting = { id };
    shown.textContent = "press a key";
    shown.focus();
    say("Press the new key, or Esc to leave it.");
  }

  /** The key that was waited for; nothing else of the page sees it. */
  function take(event) {
    if (!waiting || MODIFIERS.test(event.code)) return;
    event.preventDefault();
    event.stopPropagation();
    const { id } = waiting;
    if (event.code === "Escape" || event.code === "Tab") say("Left as it was.");
    else say(keys.assign(id, combination(event)) || "Changed.");
    fill();
    content.querySelector(`[data-id="${CSS.escape(id)}"]`)?.focus();
  }

  function say(text) {
    note.textContent = text;
  }

  return { open };
}
