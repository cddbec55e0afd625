// What a screen reader hears of the picture: the slice and its probability, once they have rested for a moment. Scrolling
// through twenty slices is told once, at its end.

import { element } from "./elements.js";

const REST_MS = 500;

/** @returns {{element: HTMLElement, tell: (text: string) => void, stop: () => void}} */
export function createAnnouncer() {
  const region = element("p", { class: "ctv-unseen", role: "status", "aria-live": "polite", "data-role": "announcer" });
  let wanted = "";
  let timer = null;

  function tell(text) {
    if (text === wanted) return;
    wanted = text;
    clearTimeout(timer);
    timer = setTimeout(() => { region.textContent = wanted; }, REST_MS);
  }

  return { element: region, tell, stop: () => clearTimeout(timer) };
}

/** "Slice 31 of 59. Malignant 0.72." People count from 1. */
export function announcement({ slice, slices, here, mode }) {
  return `Slice ${slice + 1} of ${slices}.${mode === "live" && here.startsWith("Malignant") ? ` ${here.replace(/ \(.*/, "")}.` : ""}`;
}
