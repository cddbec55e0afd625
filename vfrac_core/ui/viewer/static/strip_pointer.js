// The pointer on the strip: a drag scrolls, with Shift it marks a range of slices.

import { sliceAtX } from "./strip.js";

/**
 * @param {HTMLCanvasElement} canvas
 * @param {import("./case_state.js").CaseState} state
 * @param {import("./actions.js").Actions} actions
 * @param {AbortSignal} signal
 */
export function listenToStrip(canvas, state, actions, signal) {
  let range = null; // {from, study} while one is marked
  const sliceOf = (event) => sliceAtX(event.offsetX, canvas.clientWidth, state.slices);
  const on = (name, handle) => canvas.addEventListener(name, handle, { signal });

  on("pointerdown", (event) => {
    if (!state.study) return;
    canvas.setPointerCapture(event.pointerId);
    range = event.shiftKey && !state.locked ? { from: sliceOf(event), study: state.study } : null;
    follow(event);
  });
  on("pointermove", (event) => {
    if (!event.buttons || (range && range.study !== state.study)) end(); // the release may have happened outside of our frame
    else if (state.study) follow(event);
  });
  for (const name of ["pointerup", "pointercancel", "lostpointercapture"]) on(name, end);

  function follow(event) {
    const slice = sliceOf(event);
    if (range) actions.markRange(range.from, slice);
    actions.showSlice(slice);
  }

  /** What is painted is kept, however the drag ended. */
  function end() {
    if (range && range.study === state.study) actions.keepMarks();
    range = null;
  }
}
