// For what takes the keyboard away and must not come in the middle of a word.

import { isTyping } from "./keymap.js";

const CLICK_MS = 300; // the click that ended the typing is over by then, and has met what it was meant for

/** Do it now, or where a text is being typed when the field has been left. */
export function afterTyping(task, page = document) {
  const field = page.activeElement;
  if (!isTyping(field) || field.matches("select")) task();
  else field.addEventListener("blur", () => setTimeout(task, CLICK_MS), { once: true });
}
