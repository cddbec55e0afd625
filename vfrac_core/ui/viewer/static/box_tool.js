// Left-drag with the box tool: draw a new box, move it, or resize it by a handle. A click selects it or leaves it.

import { boxOnScreen, hitTest, missesSlice, moveBox, resizeBox, resizeKeeping, screenToImage, snapBox } from "./geometry.js";

const DRAW_AFTER_PX = 4; // a smaller movement is a click

const CURSORS = {
  nw: "nwse-resize", se: "nwse-resize", ne: "nesw-resize", sw: "nesw-resize",
  n: "ns-resize", s: "ns-resize", e: "ew-resize", w: "ew-resize", inside: "move",
};

/** @type {import("./pointer.js").Tool} */
export const boxTool = {
  cursor: (state, point) => CURSORS[hit(state, point)] ?? "crosshair",

  begin(state, actions, point) {
    const part = hit(state, point);
    const start = state.shownBox;
    const from = placeOf(state, point);
    let moved = false;
    return {
      move(now) {
        if (part === null && missesSlice(from, placeOf(state, now), state.extent)) return;
        if (!moved && Math.hypot(now.x - point.x, now.y - point.y) < DRAW_AFTER_PX) return;
        actions.editBox(edited(state, part, start, from, placeOf(state, now)), { fresh: part === null && !moved });
        moved = true;
      },
      end() {
        if (moved) actions.releaseBox();
        else actions.selectBox(part !== null);
      },
    };
  },
};

function edited(state, part, start, from, to) {
  if (part === null) return snapBox(from, to, state.extent, state.spacing);
  if (part === "inside") return moveBox(start, to.row - from.row, to.col - from.col, state.extent);
  return (state.lockAspect ? resizeKeeping : resizeBox)(start, part, to, state.extent, state.spacing);
}

function hit(state, point) {
  return state.shownBox ? hitTest(boxOnScreen(state.view, state.spacing, state.shownBox), point) : null;
}

function placeOf(state, point) {
  return screenToImage(state.view, state.spacing, point);
}
