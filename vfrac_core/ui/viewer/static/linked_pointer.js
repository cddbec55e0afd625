// Pointer and wheel over an axial or coronal view: left moves the place that all views show, right sets the window, the wheel
// scrolls the view.

import { createWheel } from "./scroll_tool.js";
import { windowTool } from "./window_tool.js";

/**
 * @param {HTMLCanvasElement} canvas
 * @param {{state: import("./case_state.js").CaseState, actions: import("./actions.js").Actions,
 *          goTo: (point: {x: number, y: number}) => void, scroll: (steps: number) => void, focus: () => void}} what
 * @param {AbortSignal} signal  ends all listening
 */
export function listenToPlane(canvas, { state, actions, goTo, scroll, focus }, signal) {
  let drag = null;
  const steps = createWheel();
  const on = (name, handle, options = {}) => canvas.addEventListener(name, handle, { signal, ...options });

  const begin = (event) => {
    if (event.button === 2) return windowTool.begin(state, actions, pointOf(event));
    if (event.button !== 0) return null;
    goTo(pointOf(event));
    return { move: goTo, end() {} };
  };
  const endDrag = () => {
    const ended = drag;
    drag = null;
    if (ended.study === state.study) ended.end();
  };

  on("pointerdown", (event) => {
    focus();
    const begun = drag || !state.ready ? null : begin(event);
    if (!begun) return;
    canvas.setPointerCapture(event.pointerId);
    drag = { pointer: event.pointerId, study: state.study, ...begun };
  });
  on("pointermove", (event) => {
    if (event.pointerId !== drag?.pointer) return;
    if (!event.buttons || drag.study !== state.study) endDrag(); // the release may have happened outside of our frame
    else drag.move(pointOf(event));
  });
  for (const name of ["pointerup", "pointercancel", "lostpointercapture"]) {
    on(name, (event) => { if (event.pointerId === drag?.pointer) endDrag(); });
  }
  on("wheel", (event) => {
    event.preventDefault();
    if (state.ready && !event.ctrlKey && !event.metaKey) scroll(steps(event));
  }, { passive: false });
  on("contextmenu", (event) => event.preventDefault());
  on("mousedown", (event) => event.preventDefault());
}

/** A click on the sagittal picture that is no drag and not on the box. */
export function listenToClicks(canvas, { onBox, goTo }, signal) {
  let down = null;
  canvas.addEventListener("pointerdown", (event) => { down = event.button === 0 && !onBox(pointOf(event)) ? pointOf(event) : null; }, { signal });
  canvas.addEventListener("click", (event) => {
    const point = pointOf(event);
    if (down && Math.hypot(point.x - down.x, point.y - down.y) < CLICK_PX) goTo(point);
    down = null;
  }, { signal });
}

const CLICK_PX = 4;

function pointOf(event) {
  return { x: event.offsetX, y: event.offsetY };
}
