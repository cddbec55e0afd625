// What is written over the picture: orientation, position, window, ruler, and the badges that must never be missing.

const INK = "#f2f2f2";
const AMBER = "#ffc247";
const EDGE = 10;
const NARROW = 290; // px: a corner's text would reach the letter in the middle
const SAGITTAL_LETTERS = { top: "H", bottom: "F", left: "A", right: "P" };

/**
 * @param {CanvasRenderingContext2D} ctx  scaled to CSS px
 * @param {{width: number, height: number}} size
 * @param {{slice: number, slices: number, window: {width: number, center: number}|null, view: {scale: number}, title: string,
 *          badges: string[], probe?: string, map?: string, missing: string, letters?: {top: string, bottom: string, left: string, right: string},
 *          position?: string}} words  `missing` is shown in place of a picture that is not there; `letters` and `position`
 *   are those of a sagittal slice unless they are given, and without a `window` none is written; `map`: what a map speaks for
 */
export function drawOverlay(ctx, size, words) {
  ctx.textBaseline = "middle";
  drawOrientation(ctx, size, words.letters ?? SAGITTAL_LETTERS);
  drawCorners(ctx, size, words);
  drawRuler(ctx, size, words.view.scale);
  const below = words.title || size.width < NARROW ? 22 : 0; // of the title, or of the letter at the top
  words.badges.forEach((badge, i) => drawBadge(ctx, EDGE, EDGE + below + 24 * i, badge));
  if (words.map) write(ctx, words.map, EDGE, EDGE + below + 24 * words.badges.length + 10, "left", "600 13px");
}

/** "R 7/15 L": slices run from the patient's right to the left, and people count from 1. */
export function positionText(slice, slices) {
  return `R ${slice + 1}/${slices} L`;
}

export function windowText({ width, center }) {
  return `W ${width}  L ${center}`;
}

/** A message in the middle of a picture that cannot be shown yet. */
export function drawMessage(ctx, size, text) {
  write(ctx, text, size.width / 2, size.height / 2, "center", "15px");
}

/** The longest of 1, 2, 5, 10 … mm that fits into `most` px. */
export function rulerLength(scale, most) {
  const fitting = [1, 2, 5, 10, 20, 50, 100, 200].filter((mm) => mm * scale <= most);
  return fitting.at(-1) ?? 1;
}

function drawOrientation(ctx, size, { top, bottom, left, right }) {
  write(ctx, top, size.width / 2, EDGE + 8, "center", "bold 16px");
  write(ctx, bottom, size.width / 2, size.height - EDGE - 8, "center", "bold 16px");
  write(ctx, left, EDGE, size.height / 2, "left", "bold 16px");
  write(ctx, right, size.width - EDGE, size.height / 2, "right", "bold 16px");
}

function drawCorners(ctx, size, words) {
  write(ctx, words.title, EDGE, EDGE + 8, "left");
  if (words.window) write(ctx, windowText(words.window), size.width - EDGE, EDGE + 8, "right");
  const above = size.width < NARROW ? 22 : 0; // of the letter at the bottom
  write(ctx, words.position ?? positionText(words.slice, words.slices), EDGE, size.height - EDGE - 8 - above, "left", "600 15px");
  if (words.probe) write(ctx, words.probe, EDGE, size.height - EDGE - 30, "left");
}

function drawRuler(ctx, size, scale) {
  const mm = rulerLength(scale, Math.min(120, size.width / 5));
  const [right, y] = [size.width - EDGE, size.height - EDGE - 2];
  const left = right - mm * scale;
  ctx.strokeStyle = INK;
  ctx.lineWidth = 1.5;
  ctx.beginPath();
  ctx.moveTo(left, y - 6);
  ctx.lineTo(left, y);
  ctx.lineTo(right, y);
  ctx.lineTo(right, y - 6);
  ctx.stroke();
  write(ctx, `${mm} mm`, right, y - 15, "right");
}

function drawBadge(ctx, x, y, text) {
  ctx.font = "bold 12px system-ui, sans-serif";
  ctx.fillStyle = AMBER;
  ctx.fillRect(x, y, ctx.measureText(text).width + 12, 20);
  ctx.fillStyle = "#1a1200";
  ctx.textAlign = "left";
  ctx.fillText(text, x + 6, y + 10.5);
}

/** Light letters with a dark rim, to be read on bone and on air. */
export function write(ctx, text, x, y, align, font = "13px") {
  ctx.font = `${font} system-ui, sans-serif`;
  ctx.textAlign = align;
  ctx.lineWidth = 3;
  ctx.lineJoin = "round";
  ctx.strokeStyle = "rgb(0 0 0 / 0.8)";
  ctx.strokeText(text, x, y);
  ctx.fillStyle = INK;
  ctx.fillText(text, x, y);
}
