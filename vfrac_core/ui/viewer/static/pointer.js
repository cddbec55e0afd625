// From pointer and wheel events to tools. A tool is one file: what the cursor looks like, and what a drag does.

import { zoomAt } from "./geometry.js";
import { createWheel } from "./scroll_tool.js";

/**
 * What a tool may see and do. Coordinates are CSS px from the canvas' corner.
 * @typedef {Object} Desk
 * @property {number} slice
 * @property {number} slices
 * @property {{rows: number, columns: number}} extent
 * @property {{row: number, column: number}} spacing
 * @property {{width: number, height: number}} size
 * @property {import("./geometry.js").View} view
 * @property {import("./geometry.js").View} fitted
 * @property {{width: number, center: number}} window
 * @property {import("./geometry.js").Box|null} box
 * @property {(slice: number) => void} showSlice
 * @property {(window: {width: number, center: number}) => void} setWindow
 * @property {(view: import("./geometry.js").View) => void} setView
 * @property {(box: number[], options?: {fresh?: boolean}) => void} editBox   while dragging
 * @property {() => void} releaseBox                                          the box rests
 * @property {(selected: boolean) => void} selectBox
 *
 * @typedef {{move: (point: {x: number, y: number}) => void, end: () => void}} Drag
 * @typedef {{cursor: (desk: Desk, point: {x: number, y: number}) => string, begin: (desk: Desk, point: {x: number, y: number}) => Drag}} Tool
 */

const ZOOM_PER_PX = 0.002;

/**
 * @param {HTMLCanvasElement} canvas
 * @param {Desk} desk
 * @param {(button: number) => Tool|undefined} toolFor  0 left, 1 middle, 2 right
 * @param {AbortSignal} signal  ends all listening
 */
export function listenToPointer(canvas, desk, toolFor, signal) {
  let drag = null;
  const wheelSteps = createWheel();
  const on = (name, handle, options = {}) => canvas.addEventListener(name, handle, { signal, ...options });

  const endDrag = () => {
    const ended = drag;
    drag = null;
    ended?.end();
  };

  on("pointerdown", (event) => {
    canvas.focus({ preventScroll: true });
    const tool = toolFor(event.button);
    if (drag || !tool || !desk.ready) return;
    canvas.setPointerCapture(event.pointerId);
    drag = { pointer: event.pointerId, ...tool.begin(desk, pointOf(event)) };
  });
  on("pointermove", (event) => {
    if (drag && event.pointerId === drag.pointer) {
      if (event.buttons) drag.move(pointOf(event));
      else endDrag(); // the release happened outside of our frame
    } else if (!drag && desk.ready) {
      canvas.style.cursor = toolFor(0).cursor(desk, pointOf(event));
    }
  });
  for (const name of ["pointerup", "pointercancel", "lostpointercapture"]) {
    on(name, (event) => { if (event.pointerId === drag?.pointer) endDrag(); });
  }
  on("wheel", (event) => {
    event.preventDefault();
    if (!desk.ready) return;
    if (event.ctrlKey || event.metaKey) desk.setView(zoomAt(desk.view, pointOf(event), Math.exp(-event.deltaY * ZOOM_PER_PX), desk.fitted));
    else desk.showSlice(desk.slice + wheelSteps(event));
  }, { passive: false });
  on("contextmenu", (event) => event.preventDefault());
  on("mousedown", (event) => event.preventDefault()); // no automatic scrolling by the middle button
}

function pointOf(event) {
  return { x: event.offsetX, y: event.offsetY };
}
