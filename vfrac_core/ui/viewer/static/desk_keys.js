// The keys of the whole desk: with the focus in the form or nowhere they work as on the picture. Off while typing and in dialogs.

import { isTyping } from "./keymap.js";

/** @param {HTMLElement} root  the desk; once it has left the page nothing is heard any more */
export function listenForKeys(root, viewer) {
  const listen = (event) => {
    if (!root.isConnected) return document.removeEventListener("keydown", listen);
    const id = viewer.actionOf(event);
    if (!id || !isForDesk(event, root, id)) return;
    event.preventDefault();
    viewer.perform(id); // what is not the viewer's own comes back as "action"
  };
  document.addEventListener("keydown", listen);
}

function isForDesk(event, root, id) {
  if (event.defaultPrevented || root.querySelector("dialog[open]")) return false;
  if (isTyping(event.target) && !(id === "submit" && (event.ctrlKey || event.metaKey))) return false; // also out of the list of levels and the comment
  if (event.target !== document.body && !root.contains(event.target)) return false;
  if (root.offsetParent === null) return false; // on a hidden tab
  return !ownKeys.some(([controls, keys]) => event.target.closest?.(controls) && keys.test(event.code) && !event.ctrlKey);
}

/** Keys that belong to the control that has the focus. */
const ownKeys = [["button, summary, a", /^(Enter|NumpadEnter|Space)$/], ["input", /^(Arrow\w+|Space|Home|End|PageUp|PageDown)$/]];
