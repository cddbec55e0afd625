// The row under the picture while heights are measured: what comes next in words, and buttons for hands without a keyboard.

import { button, element } from "./elements.js";
import { canSkip } from "./height_task.js";
import { guideText } from "./height_words.js";

/** @param {(id: string) => void} perform  with an id of the keymap */
export function createHeightGuide(perform) {
  const words = element("span", { class: "ctv-height-words", role: "status", "data-role": "height-guide" });
  const push = (id, label) => button(label, () => perform(id), { class: "ctv-button", "data-action": id });
  const parts = {
    slice: push("height-slice", "Go there"),
    back: push("take-back-point", "Take back"),
    skip: push("skip-body", "Skip this body"),
    remove: push("remove-heights", "Remove all"),
    leave: push("height-tool", "Done"),
  };
  const root = element("div", { class: "ctv-height-guide", role: "group", "aria-label": "Height aid", hidden: true }, words, ...Object.values(parts));
  return {
    root,
    /** @param {{task: import("./height_task.js").Task, loss: import("./heights.js").Loss|null, slice: number}|null} state  null: nothing is measured */
    show(state) {
      root.hidden = state === null;
      if (!state) return;
      const { task, loss, slice } = state;
      const text = guideText(task, loss, slice);
      if (words.textContent !== text) words.textContent = text; // else it would be read out again
      const elsewhere = task.slice !== null && task.slice !== slice;
      const begun = task.points.some((point) => point);
      parts.slice.hidden = !elsewhere; // few buttons at a time: the row stays one line
      parts.back.hidden = elsewhere || !begun;
      parts.skip.hidden = elsewhere || begun || !canSkip(task);
      parts.remove.hidden = elsewhere || task.body !== null;
    },
  };
}
