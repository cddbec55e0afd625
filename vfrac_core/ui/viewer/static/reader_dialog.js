// Asks for a name and years of experience before the first save, not earlier. A name is no identity: what tells readers
// apart is a random token that stays in this browser (design.md §6, last line), and it never stands in a URL.

import { browserStorage } from "./browser_storage.js";
import { button, element, randomHex } from "./elements.js";

const TOKEN_KEY = "vfrac.reader";
const MAX_YEARS = 70; // as the store has it

/** This browser's token: 32 random bytes as hex, made once. Without storage it lasts as long as the page. */
export function readerToken(storage) {
  const kept = read(storage);
  if (/^[0-9a-f]{64}$/.test(kept ?? "")) return kept;
  const token = randomHex(32);
  try { storage.setItem(TOKEN_KEY, token); } catch { /* private window: the token lives in this page only */ }
  return token;
}

function read(storage) {
  try { return storage.getItem(TOKEN_KEY); } catch { return null; }
}

/** Years as people type them: "2,5" is two and a half in half of the world, and a number field would make it 25. */
export function parseYears(text) {
  const years = /^\s*\d{1,2}([.,]\d*)?\s*$/.test(text) ? Number(text.replace(",", ".")) : NaN;
  return years >= 0 && years <= MAX_YEARS ? years : null;
}

/**
 * Show the dialog. `save({display_name, years_experience})` must resolve with the store's reader.
 * @returns {Promise<?object>} the reader, or null when the question was put off
 */
export function askReader(root, save) {
  return new Promise((resolve) => {
    const name = element("input", { id: "reader-name", name: "display_name", required: true, maxlength: 80, autocomplete: "name" });
    const years = element("input", { id: "reader-years", name: "years_experience", type: "text", required: true, inputmode: "decimal" });
    const error = element("p", { class: "vfrac-error", role: "alert" });
    const send = element("button", { type: "submit", class: "vfrac-primary" }, "Start saving");
    const form = element("form", { method: "dialog", onsubmit: submit },
      element("h2", { id: "reader-title" }, "Who is reading?"),
      element("p", {}, "Your answers are stored under this name from now on. A name is no identity: another person who types "
        + "the same name is another reader, and this browser is what recognises you. Use initials or a code if you like."),
      browserStorage().isFleeting ? fleetingNote() : null,
      element("label", { for: "reader-name" }, "Name or code"), name,
      element("label", { for: "reader-years" }, "Years of experience reading spine CT"), years,
      error,
      element("div", { class: "vfrac-row" }, send, button("Not now", () => close(null))));
    const dialog = element("dialog", { id: "reader-dialog", class: "vfrac-dialog", "aria-labelledby": "reader-title", oncancel: () => close(null) }, form);
    root.append(dialog);
    dialog.showModal();
    name.focus();

    async function submit(event) {
      event.preventDefault();
      const experience = parseYears(years.value);
      error.textContent = experience === null ? `Years of experience: a number from 0 to ${MAX_YEARS}, such as 2.5.` : "";
      if (experience === null) return years.focus();
      send.disabled = true;
      try {
        close(await save({ display_name: name.value.trim(), years_experience: experience }));
      } catch (failure) {
        error.textContent = `Not stored: ${failure.message}. Try again.`;
        send.disabled = false;
      }
    }

    function close(reader) {
      dialog.remove();
      resolve(reader);
    }
  });
}

/** The token cannot be kept: said before the reader relies on it. A window of its own may keep what a frame must not. */
function fleetingNote() {
  const framed = window !== window.top;
  const way = framed
    ? element("a", { href: location.href, target: "_blank", rel: "noopener" }, "Open vfrac in a window of its own")
    : "Allow it to store data of this site";
  return element("p", { class: "vfrac-error" }, `${framed ? "Inside another page this" : "This"} browser keeps nothing of vfrac: `
    + "after a reload you are a new reader, and do not find your answers again. ", way, ".");
}
