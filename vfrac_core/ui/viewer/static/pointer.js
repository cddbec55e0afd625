// From pointer and wheel events to tools. A tool is one file: what the cursor looks like, and what a drag does.

import { zoomAt } from "./geometry.js";
import { createWheel } from "./scroll_tool.js";

/**
 * A drag with a tool. Points are CSS px from the canvas' corner.
 * @typedef {{x: number, y: number}} Point
 * @typedef {{move: (point: Point) => void, end: () => void}} Drag
 *
 * A tool sees the state and does things by the actions.
 * @typedef {import("./case_state.js").CaseState} State
 * @typedef {import("./actions.js").Actions} Actions
 * @typedef {{cursor: (state: State, point: Point) => string, begin: (state: State, actions: Actions, point: Point) => Drag}} Tool
 */

const ZOOM_PER_PX = 0.002;

/** Fingers have a file of their own: touch.js. */
const byMouse = (handle) => (event) => { if (event.pointerType !== "touch") handle(event); };

/**
 * @param {HTMLCanvasElement} canvas
 * @param {State} state
 * @param {Actions} actions
 * @param {(button: number) => Tool|undefined} toolFor  0 left, 1 middle, 2 right
 * @param {AbortSignal} signal  ends all listening
 */
export function listenToPointer(canvas, state, actions, toolFor, signal) {
  let drag = null;
  const wheelSteps = createWheel();
  const on = (name, handle, options = {}) => canvas.addEventListener(name, name.startsWith("pointer") ? byMouse(handle) : handle, { signal, ...options });

  const endDrag = () => {
    const ended = drag;
    drag = null;
    if (ended?.study === state.study) ended.end(); // a drag that began on another case changes nothing on this one
  };

  on("pointerdown", (event) => {
    canvas.focus({ preventScroll: true });
    const tool = toolFor(event.button);
    if (drag || !tool || !state.ready) return;
    canvas.setPointerCapture(event.pointerId);
    drag = { pointer: event.pointerId, study: state.study, ...tool.begin(state, actions, pointOf(event)) };
  });
  on("pointerleave", () => actions.setPointer(null));
  on("pointermove", (event) => {
    if (state.ready) actions.setPointer(pointOf(event));
    if (drag && event.pointerId === drag.pointer) {
      if (!event.buttons || drag.study !== state.study) endDrag(); // the release may have happened outside of our frame
      else drag.move(pointOf(event));
    } else if (!drag && state.ready) {
      canvas.style.cursor = toolFor(0).cursor(state, pointOf(event));
    }
  });
  for (const name of ["pointerup", "pointercancel", "lostpointercapture"]) {
    on(name, (event) => { if (event.pointerId === drag?.pointer) endDrag(); });
  }
  on("wheel", (event) => {
    event.preventDefault();
    if (!state.ready) return;
    if (event.ctrlKey || event.metaKey) actions.setView(zoomAt(state.view, pointOf(event), Math.exp(-event.deltaY * ZOOM_PER_PX), state.fitted));
    else actions.showSlice(state.slice + wheelSteps(event));
  }, { passive: false });
  on("dblclick", (event) => { if (state.ready && toolFor(0).cursor(state, pointOf(event)) === "crosshair") actions.setView(null); });
  on("contextmenu", (event) => event.preventDefault());
  on("mousedown", (event) => event.preventDefault()); // no automatic scrolling by the middle button
}

function pointOf(event) {
  return { x: event.offsetX, y: event.offsetY };
}
