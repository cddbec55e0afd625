// Left-drag with the box tool: draw a new box, move it, or resize it by a handle. A click selects it or leaves it.

import { boxOnScreen, hitTest, moveBox, resizeBox, screenToImage, snapBox } from "./geometry.js";

const DRAW_AFTER_PX = 4; // a smaller movement is a click

const CURSORS = { nw: "nwse-resize", se: "nwse-resize", ne: "nesw-resize", sw: "nesw-resize", n: "ns-resize", s: "ns-resize", e: "ew-resize", w: "ew-resize", inside: "move" };

/** @type {import("./pointer.js").Tool} */
export const boxTool = {
  cursor: (desk, point) => CURSORS[hit(desk, point)] ?? "crosshair",

  begin(desk, point) {
    const part = hit(desk, point);
    const start = desk.box;
    const from = placeOf(desk, point);
    let moved = false;
    return {
      move(now) {
        moved ||= Math.hypot(now.x - point.x, now.y - point.y) >= DRAW_AFTER_PX;
        if (moved) desk.editBox(edited(desk, part, start, from, placeOf(desk, now)), { fresh: part === null });
      },
      end() {
        if (moved) desk.releaseBox();
        else desk.selectBox(part !== null);
      },
    };
  },
};

function edited(desk, part, start, from, to) {
  if (part === null) return snapBox(from, to, desk.extent, desk.spacing);
  if (part === "inside") return moveBox(start, to.row - from.row, to.col - from.col, desk.extent);
  return resizeBox(start, part, to, desk.extent, desk.spacing);
}

function hit(desk, point) {
  return desk.box ? hitTest(boxOnScreen(desk.view, desk.spacing, desk.box), point) : null;
}

function placeOf(desk, point) {
  return screenToImage(desk.view, desk.spacing, point);
}
