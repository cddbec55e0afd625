// Reference lines: where the other two planes cross the one that is shown. Each plane has its colour in all views.

import { boxOnScreen, imageToScreen } from "./geometry.js";
import { placeOnPlane, planeOf, PLANES } from "./linked_geometry.js";

/** By the way that a plane stands across: the sagittal, the axial and the coronal one. */
export const PLANE_INK = Object.freeze({ left: "#f2f2f2", foot: "#ff9d45", back: "#d9a6ff" });

const GAP_PX = 16; // left free around the crossing: what lies there is what one looks at
const LETTER_PX = 30; // left free at the edge of the canvas, where the letters stand

/**
 * The lines on the plane across `way`: for each of the other two planes its pieces, without the gap.
 * @param {import("./linked_geometry.js").Grid} grid
 * @param {import("./linked_geometry.js").Mm} at  the place that all views show
 * @param {import("./geometry.js").View} view
 * @param {{width: number, height: number}} size  of the canvas, CSS px
 * @returns {{way: string, pieces: {x: number, y: number}[][]}[]}
 */
export function referenceLines(grid, way, at, view, size) {
  const { extent, spacing } = planeOf(grid, way);
  const [down, across] = PLANES[way];
  const middle = imageToScreen(view, spacing, placeOnPlane(grid, way, at));
  const rect = boxOnScreen(view, spacing, [0, 0, extent.rows, extent.columns]);
  const flat = broken(rect.x, rect.x + rect.width, middle.x, size.width).map((ends) => ends.map((x) => ({ x, y: middle.y })));
  const upright = broken(rect.y, rect.y + rect.height, middle.y, size.height).map((ends) => ends.map((y) => ({ x: middle.x, y })));
  return [{ way: down, pieces: flat }, { way: across, pieces: upright }];
}

/** @param {CanvasRenderingContext2D} ctx  scaled to CSS px */
export function drawReferenceLines(ctx, lines) {
  ctx.save();
  for (const { way, pieces } of lines) {
    for (const [ink, width] of [["rgb(0 0 0 / 0.55)", 3], [PLANE_INK[way], 1.25]]) {
      ctx.strokeStyle = ink;
      ctx.lineWidth = width;
      ctx.beginPath();
      for (const [from, to] of pieces) {
        ctx.moveTo(from.x, from.y);
        ctx.lineTo(to.x, to.y);
      }
      ctx.stroke();
    }
  }
  ctx.restore();
}

/** From one end to the other, without what lies around the middle or at the edges of the canvas. */
function broken(from, to, middle, length) {
  const [first, last] = [Math.max(from, LETTER_PX), Math.min(to, length - LETTER_PX)];
  const pieces = [[first, Math.min(last, middle - GAP_PX)], [Math.max(first, middle + GAP_PX), last]];
  return pieces.filter(([start, end]) => end > start);
}
