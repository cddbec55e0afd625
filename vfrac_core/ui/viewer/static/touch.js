// Fingers on the picture: one scrolls, or uses the tool that was chosen; two zoom and move; a long press starts the box.

import { panBy, zoomAt } from "./geometry.js";

const LONG_PRESS_MS = 450;
const STILL_PX = 8; // a finger is never quite still

/**
 * @param {HTMLCanvasElement} canvas
 * @param {import("./case_state.js").CaseState} state
 * @param {import("./actions.js").Actions} actions
 * @param {{tool: () => import("./pointer.js").Tool, box: import("./pointer.js").Tool, onLongPress: () => void}} host
 *   `tool`: of a single finger; `box`: the one that a long press starts
 * @param {AbortSignal} signal
 */
export function listenToTouch(canvas, state, actions, host, signal) {
  const fingers = new Map();
  let drag = null; // of one finger: {finger, start, study, move, end}
  let pinch = null; // of two: {points, view}
  let timer = null;
  const on = (name, handle) => canvas.addEventListener(name, (event) => { if (event.pointerType === "touch") handle(event); }, { signal });

  on("pointerdown", (event) => {
    event.preventDefault();
    canvas.focus({ preventScroll: true });
    if (!state.ready) return;
    canvas.setPointerCapture(event.pointerId);
    const point = pointOf(event);
    fingers.set(event.pointerId, point);
    if (fingers.size === 1) beginOne(event.pointerId, point);
    else if (fingers.size === 2) beginTwo();
  });
  on("pointermove", (event) => {
    if (!fingers.has(event.pointerId)) return;
    fingers.set(event.pointerId, pointOf(event));
    if (pinch) pinched();
    else if (drag?.finger === event.pointerId) dragged(pointOf(event));
  });
  for (const name of ["pointerup", "pointercancel", "lostpointercapture"]) {
    on(name, (event) => {
      if (!fingers.delete(event.pointerId)) return;
      if (fingers.size < 2) pinch = null; // the finger that stays does nothing until it is lifted
      endOne();
    });
  }

  function beginOne(finger, point) {
    begin(finger, point, host.tool());
    if (!state.locked) timer = setTimeout(() => { begin(finger, point, host.box); host.onLongPress(); }, LONG_PRESS_MS);
  }

  function begin(finger, point, tool) {
    drag = { finger, start: point, study: state.study, ...tool.begin(state, actions, point) };
  }

  function dragged(point) {
    if (drag.study !== state.study) return endOne();
    if (Math.hypot(point.x - drag.start.x, point.y - drag.start.y) > STILL_PX) clearTimeout(timer);
    return drag.move(point);
  }

  function endOne() {
    clearTimeout(timer);
    const ended = drag;
    drag = null;
    if (ended?.study === state.study) ended?.end();
  }

  function beginTwo() {
    endOne();
    pinch = { points: [...fingers.values()], view: state.view };
  }

  /** What lay between the two fingers stays between them. */
  function pinched() {
    const [before, now] = [pinch.points, [...fingers.values()]].map(([a, b]) => ({
      x: (a.x + b.x) / 2, y: (a.y + b.y) / 2, apart: Math.max(1, Math.hypot(a.x - b.x, a.y - b.y)),
    }));
    const zoomed = zoomAt(pinch.view, before, now.apart / before.apart, state.fitted);
    actions.setView(panBy(zoomed, now.x - before.x, now.y - before.y));
  }
}

function pointOf(event) {
  return { x: event.offsetX, y: event.offsetY };
}
