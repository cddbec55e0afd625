// The height aid on the picture: end plates, heights and points of each body, with the letters of the places and the mm. Drawn
// on the slice of the measurement only.

import { imageToScreen } from "./geometry.js";
import { heightLoss, heightsInMm, PLACES } from "./heights.js";
import { BODY_WORDS, lossText, mmText, placeLetter, worstPlace } from "./height_words.js";

export const HEIGHT_INK = "#ffb3f4";
const RIM = "rgb(0 0 0 / 0.75)";
const POINT_PX = 3.5;
const LABEL_GAP_PX = { left: 10, right: 22 }; // on the right the last height has its letter
const LINE_PX = 15;
const EDGE_PX = 6;

/**
 * @param {{view, spacing, bodies: {name: import("./heights.js").BodyName, points: Array}[], last: ?import("./height_task.js").PointName,
 *          heights: import("./heights.js").Heights|null, width: number}} scene  `width` of the canvas in CSS px
 */
export function drawHeights(ctx, { view, spacing, bodies, last, heights, width }) {
  const loss = heights?.worst ? heightLoss(heights, spacing) : null;
  ctx.save();
  ctx.lineJoin = ctx.lineCap = "round";
  for (const { name, points } of bodies) {
    const places = points.map((point) => point && imageToScreen(view, spacing, { row: point[0], col: point[1] }));
    drawLines(ctx, places, name === "worst" ? PLACES.indexOf(worstPlace(loss)) : -1);
    places.forEach((place, index) => place && drawPoint(ctx, place, last?.body === name && last.index === index));
    if (places.every((place) => place)) drawLabel(ctx, places, labelLines(name, points, spacing, loss), width);
  }
  ctx.restore();
}

/** The body, its three heights, and the loss. Short lines: a phone has little room beside the spine. */
function labelLines(name, points, spacing, loss) {
  const heights = heightsInMm(points, spacing).map((mm, i) => `${placeLetter(i)} ${mmText(mm)}`);
  return [`${BODY_WORDS[name]}, mm`, heights.join(" "), ...(name === "worst" && loss ? [lossText(loss)] : [])];
}

/** Two end plates, and three heights with their letters; the height of the worst place is a thick one. */
function drawLines(ctx, places, thick) {
  for (const plate of [places.slice(0, 3), places.slice(3)]) stroke(ctx, plate.filter((place) => place), 1.5);
  PLACES.forEach((_, i) => {
    const [upper, lower] = [places[i], places[i + PLACES.length]];
    if (!upper || !lower) return;
    stroke(ctx, [upper, lower], i === thick ? 3 : 1, i === thick ? [] : [3, 4]);
    write(ctx, placeLetter(i), (upper.x + lower.x) / 2 + 4, (upper.y + lower.y) / 2, "left", i === thick ? "bold 14px" : "12px");
  });
}

/** A ring, so that what lies under the point is seen; filled where it takes the arrow keys. */
function drawPoint(ctx, { x, y }, isLast) {
  for (const [ink, thick] of [[RIM, 4], [HEIGHT_INK, 1.75]]) {
    ctx.beginPath();
    ctx.arc(x, y, POINT_PX, 0, 2 * Math.PI);
    ctx.strokeStyle = ink;
    ctx.lineWidth = thick;
    ctx.stroke();
  }
  if (!isLast) return;
  ctx.fillStyle = HEIGHT_INK;
  ctx.fill();
}

/** Beside the body, where there is more room; on a small screen rather over its edge than out of the picture. */
function drawLabel(ctx, places, lines, width) {
  const [left, right] = [Math.min(...places.map(({ x }) => x)), Math.max(...places.map(({ x }) => x))];
  const toRight = width - right >= left;
  const middle = places.reduce((sum, { y }) => sum + y, 0) / places.length;
  const fonts = lines.map((_, i) => (i === 1 ? "12px" : "bold 12px"));
  const wide = Math.max(...lines.map((line, i) => widthOf(ctx, line, fonts[i]))) + EDGE_PX;
  const x = toRight ? Math.min(right + LABEL_GAP_PX.right, width - wide) : Math.max(left - LABEL_GAP_PX.left, wide);
  lines.forEach((line, i) => {
    write(ctx, line, x, middle + (i - (lines.length - 1) / 2) * LINE_PX, toRight ? "left" : "right", fonts[i]);
  });
}

/** A line with a dark rim, visible on bone and on air. */
function stroke(ctx, points, thick, dashes = []) {
  for (const [ink, line] of [[RIM, thick + 2], [HEIGHT_INK, thick]]) {
    ctx.strokeStyle = ink;
    ctx.lineWidth = line;
    ctx.setLineDash(dashes);
    ctx.beginPath();
    points.forEach(({ x, y }, i) => (i ? ctx.lineTo(x, y) : ctx.moveTo(x, y)));
    ctx.stroke();
  }
  ctx.setLineDash([]);
}

const fontOf = (size) => `${size} system-ui, sans-serif`;

function widthOf(ctx, text, font) {
  ctx.font = fontOf(font);
  return ctx.measureText(text).width;
}

function write(ctx, text, x, y, align, font) {
  ctx.font = fontOf(font);
  ctx.textAlign = align;
  ctx.textBaseline = "middle";
  ctx.lineWidth = 3;
  ctx.strokeStyle = RIM;
  ctx.strokeText(text, x, y);
  ctx.fillStyle = HEIGHT_INK;
  ctx.fillText(text, x, y);
}
