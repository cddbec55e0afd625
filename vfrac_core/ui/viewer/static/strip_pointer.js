// The pointer on the strip: a drag scrolls, with Shift it marks a range of slices.

import { sliceAtX } from "./strip.js";

/**
 * @param {HTMLCanvasElement} canvas
 * @param {import("./case_state.js").CaseState} state
 * @param {import("./actions.js").Actions} actions
 * @param {AbortSignal} signal
 */
export function listenToStrip(canvas, state, actions, signal) {
  let from = null; // where a range begins
  const sliceOf = (event) => sliceAtX(event.offsetX, canvas.clientWidth, state.slices);
  const on = (name, handle) => canvas.addEventListener(name, handle, { signal });

  on("pointerdown", (event) => {
    if (!state.study) return;
    canvas.setPointerCapture(event.pointerId);
    from = event.shiftKey && !state.locked ? sliceOf(event) : null;
    follow(event);
  });
  on("pointermove", (event) => { if (event.buttons && state.study) follow(event); });
  on("pointerup", () => {
    if (from !== null) actions.keepMarks();
    from = null;
  });
  on("pointercancel", () => { from = null; });

  function follow(event) {
    const slice = sliceOf(event);
    if (from !== null) actions.markRange(from, slice);
    actions.showSlice(slice);
  }
}
