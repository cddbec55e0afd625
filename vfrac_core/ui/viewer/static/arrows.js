// The arrows of an answer, and the box of its reference standard, drawn over the slice.

import { boxOnScreen, imageToScreen } from "./geometry.js";

export const ARROW_INK = "#8dff6a";
const LENGTH_PX = 46;
const HEAD_PX = 12;
const BADGE_PX = 9;

/**
 * Where an arrow lies on the screen: its tip at the place it points at, whatever the zoom; its length is of the screen.
 * @param {{row: number, column: number, down: number, right: number}} arrow
 */
export function arrowOnScreen(view, spacing, arrow) {
  const tip = imageToScreen(view, spacing, { row: arrow.row, col: arrow.column });
  const at = (back, aside = 0) => ({
    x: tip.x - back * arrow.right - aside * arrow.down,
    y: tip.y - back * arrow.down + aside * arrow.right,
  });
  return { tip, tail: at(LENGTH_PX), neck: at(HEAD_PX * 0.7), wings: [at(HEAD_PX, HEAD_PX / 2), at(HEAD_PX, -HEAD_PX / 2)] };
}

/** What an answer draws on one slice. */
export function answerOn({ arrows, reference, slices }, slice) {
  return { arrows: arrows.filter((arrow) => arrow.slice_index === slice), reference: slices.includes(slice) ? reference : null };
}

/** @param {{view, spacing, arrows: Array, reference: number[]|null}} scene */
export function drawAnswer(ctx, { view, spacing, arrows, reference }) {
  ctx.save();
  if (reference) outline(ctx, boxOnScreen(view, spacing, reference));
  for (const arrow of arrows) drawArrow(ctx, arrowOnScreen(view, spacing, arrow), arrow.letter);
  ctx.restore();
}

/** Light with a dark rim, visible on bone and on air; the letter of the sign at the tail. */
function drawArrow(ctx, { tip, tail, neck, wings }, letter) {
  ctx.lineJoin = ctx.lineCap = "round";
  for (const [ink, shaft, rim] of [["rgb(0 0 0 / 0.75)", 6, 4], [ARROW_INK, 2.5, 0]]) {
    ctx.strokeStyle = ctx.fillStyle = ink;
    ctx.lineWidth = shaft;
    line(ctx, [tail, neck]);
    ctx.stroke();
    line(ctx, [wings[0], tip, wings[1]]);
    ctx.closePath();
    ctx.fill();
    if (rim) { ctx.lineWidth = rim; ctx.stroke(); }
  }
  ctx.beginPath();
  ctx.arc(tail.x, tail.y, BADGE_PX, 0, 2 * Math.PI);
  ctx.fillStyle = ARROW_INK;
  ctx.fill();
  ctx.lineWidth = 1.5;
  ctx.strokeStyle = "rgb(0 0 0 / 0.75)";
  ctx.stroke();
  ctx.fillStyle = "#08210a";
  ctx.font = "bold 12px system-ui, sans-serif";
  ctx.textAlign = "center";
  ctx.textBaseline = "middle";
  ctx.fillText(letter, tail.x, tail.y + 0.5);
}

function line(ctx, points) {
  ctx.beginPath();
  points.forEach(({ x, y }, i) => (i ? ctx.lineTo(x, y) : ctx.moveTo(x, y)));
}

function outline(ctx, { x, y, width, height }) {
  for (const [ink, thick] of [["rgb(0 0 0 / 0.6)", 3], [ARROW_INK, 1.25]]) {
    ctx.strokeStyle = ink;
    ctx.lineWidth = thick;
    ctx.setLineDash([2, 4]);
    ctx.strokeRect(x, y, width, height);
  }
  ctx.setLineDash([]);
}
