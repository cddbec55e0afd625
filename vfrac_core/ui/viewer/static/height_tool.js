// Left-drag with the height aid: press where the next corner is, or on a point to drag it. A corner can be pulled right
// where it was put, before the button or the finger is lifted.

import { bodiesShown, nextCorner } from "./height_task.js";
import { clamp, imageToScreen, screenToImage } from "./geometry.js";

const REACH_PX = { placing: 6, correcting: 16 }; // a corner may come close to one that is there: thin discs, collapsed bodies
const STEPS_PER_PIXEL = 100; // a hundredth of a pixel is finer than any hand, and keeps the stored numbers short

/** @type {import("./pointer.js").Tool} */
export const heightTool = {
  cursor(state, point) {
    if (!onItsSlice(state)) return "not-allowed";
    if (nearest(state, point)) return "move";
    return nextCorner(state.heightTask) === null ? "default" : "crosshair";
  },

  begin(state, actions, point) {
    const { heights } = actions;
    if (!onItsSlice(state)) return { move() {}, end() {} };
    const held = nearest(state, point);
    if (held) heights.touch(held.name);
    else if (!isOnSlice(state, point) || !heights.place(placeOf(state, point))) return { move() {}, end() {} };
    const name = held?.name ?? state.heightTask.last;
    const [dx, dy] = held ? [held.x - point.x, held.y - point.y] : [0, 0]; // a point that is caught at its rim does not jump
    let moved = false;
    return {
      move(now) {
        moved ||= now.x !== point.x || now.y !== point.y;
        if (moved) heights.move(name, placeOf(state, { x: now.x + dx, y: now.y + dy }));
      },
      end: () => heights.release(),
    };
  },
};

/** A measurement is of one slice. */
function onItsSlice({ heightTask, slice }) {
  return heightTask.slice === null || heightTask.slice === slice;
}

/** The placed point within reach, where it lies on the screen. */
function nearest(state, point) {
  const placed = bodiesShown(state.heights, state.heightTask).flatMap(({ name, points }) =>
    points.flatMap((one, index) => (one ? [{ name: { body: name, index }, ...onScreen(state, one) }] : [])));
  const distance = (one) => Math.hypot(one.x - point.x, one.y - point.y);
  const best = placed.reduce((least, one) => (!least || distance(one) < distance(least) ? one : least), null);
  const reach = nextCorner(state.heightTask) === null ? REACH_PX.correcting : REACH_PX.placing;
  return best && distance(best) <= reach ? best : null;
}

function onScreen({ view, spacing }, [row, col]) {
  return imageToScreen(view, spacing, { row, col });
}

function isOnSlice({ view, spacing, extent }, point) {
  const { row, col } = screenToImage(view, spacing, point);
  return row >= 0 && col >= 0 && row <= extent.rows && col <= extent.columns;
}

/** @returns {import("./heights.js").HeightPoint}  on the slice, wherever the pointer went */
function placeOf({ view, spacing, extent }, point) {
  const { row, col } = screenToImage(view, spacing, point);
  return [tidy(clamp(row, 0, extent.rows)), tidy(clamp(col, 0, extent.columns))];
}

function tidy(pixels) {
  return Math.round(pixels * STEPS_PER_PIXEL) / STEPS_PER_PIXEL;
}
