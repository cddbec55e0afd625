// A button that puts the link to the case and slice on the screen into the clipboard.

import { button, element } from "./elements.js";

const TOLD_MS = 2000;

/** @param {{link: () => string, say: (text: string) => void}} host  `say`: shows the link where the browser lets nobody copy */
export function createCopyLink({ link, say }) {
  const copy = button("Copy link", copyIt, { id: "copy-link", title: "Copy the link to this case and slice", "aria-live": "polite" });
  let told = null;

  async function copyIt() {
    const text = link();
    if (!(await intoClipboard(text))) return say(`Copying is not allowed here. The link: ${text}`);
    copy.textContent = "Link copied ✓";
    clearTimeout(told);
    told = setTimeout(() => { copy.textContent = "Copy link"; }, TOLD_MS);
  }

  return copy;
}

/** The clipboard's API is missing on plain http in a hospital's network and closed in most frames; the old way is left then. */
async function intoClipboard(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copySelected(text);
  }
}

function copySelected(text) {
  const before = document.activeElement;
  const field = element("textarea", { readonly: true, style: "position: fixed; opacity: 0" });
  field.value = text;
  document.body.append(field);
  field.select();
  try {
    return document.execCommand("copy");
  } catch {
    return false;
  } finally {
    field.remove();
    before?.focus({ preventScroll: true });
  }
}
