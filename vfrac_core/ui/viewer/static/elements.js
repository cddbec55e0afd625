// One way to make elements: text always goes in as text, never as HTML.

/**
 * element("button", { type: "button", class: "small", onclick: save, "aria-pressed": "false" }, "Save")
 * Names that start with "on" are listeners; false, null and undefined leave an attribute out, true sets it empty.
 */
export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (value !== false && value !== null && value !== undefined) made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

/** A push button; never submits a form by itself. */
export const button = (label, onclick, attributes = {}) => element("button", { type: "button", onclick, ...attributes }, label);

/** Random hex from the browser's generator. `crypto.randomUUID` is missing on plain http in a hospital's network. */
export function randomHex(bytes) {
  return Array.from(crypto.getRandomValues(new Uint8Array(bytes)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
