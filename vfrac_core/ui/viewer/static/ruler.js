// Measuring a distance on the shown slice: the tool, and its line on the picture. Nothing is stored.

import { imageToScreen, screenToImage } from "./geometry.js";
import { write } from "./overlay.js";

const INK = "#9dff9d";
const SHORTEST_PX = 4; // a smaller movement is a click, which takes the line away

/** @typedef {{slice: number, from: import("./geometry.js").Place, to: import("./geometry.js").Place}} Ruler */

/** @type {import("./pointer.js").Tool} */
export const rulerTool = {
  cursor: () => "crosshair",
  begin(state, actions, point) {
    const from = screenToImage(state.view, state.spacing, point);
    actions.setRuler(null);
    return {
      move(now) {
        if (Math.hypot(now.x - point.x, now.y - point.y) < SHORTEST_PX) return;
        actions.setRuler({ slice: state.slice, from, to: screenToImage(state.view, state.spacing, now) });
      },
      end() {},
    };
  },
};

/** The distance in the sagittal plane, in mm. */
export function lengthMm({ from, to }, spacing) {
  return Math.hypot((to.row - from.row) * spacing.row, (to.col - from.col) * spacing.column);
}

/** @param {CanvasRenderingContext2D} ctx  scaled to CSS px */
export function drawRulerLine(ctx, { view, spacing }, ruler) {
  const [a, b] = [ruler.from, ruler.to].map((place) => imageToScreen(view, spacing, place));
  for (const [style, width] of [["rgb(0 0 0 / 0.6)", 4], [INK, 1.5]]) {
    ctx.strokeStyle = style;
    ctx.lineWidth = width;
    ctx.beginPath();
    ctx.moveTo(a.x, a.y);
    ctx.lineTo(b.x, b.y);
    ctx.stroke();
  }
  for (const { x, y } of [a, b]) {
    ctx.fillStyle = INK;
    ctx.fillRect(x - 2.5, y - 2.5, 5, 5);
  }
  write(ctx, `${lengthMm(ruler, spacing).toFixed(1)} mm`, b.x + 8, b.y - 10, "left", "600 13px");
}
