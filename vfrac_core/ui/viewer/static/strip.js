// The strip under the picture: one bar per slice, patient's right to left. Filled bars are the default slices, which
// alone make the patient's probability; hollow ones were asked for afterwards and only fill the picture.

/**
 * @typedef {Object} Bar
 * @property {number} slice
 * @property {number|null} probability
 * @property {boolean} filled    one of the default slices
 * @property {boolean} maximum   the highest of the default slices
 * @property {boolean} shown     the slice on the screen
 * @property {boolean} marked    marked by the reader as clearly abnormal
 * @property {boolean} edge      the first or last of a run of marked slices, where a finding fades
 */

/**
 * What the strip says, before anything is drawn.
 * @param {{slices: number, slice: number, marked: number[], defaults: number[], answers: Map<number, {probability: number}>}} state
 * @returns {Bar[]}
 */
export function stripBars({ slices, slice, marked, defaults, answers }) {
  const highest = maximumOf(defaults, answers);
  return Array.from({ length: slices }, (_, index) => ({
    slice: index,
    probability: answers.get(index)?.probability ?? null,
    filled: defaults.includes(index),
    maximum: index === highest,
    shown: index === slice,
    marked: marked.includes(index),
    edge: isEdge(index, marked),
  }));
}

/** At either end of a run of three or more marked slices. */
function isEdge(index, marked) {
  const [before, after] = [marked.includes(index - 1), marked.includes(index + 1)];
  if (!marked.includes(index) || before === after) return false;
  return before ? marked.includes(index - 2) : marked.includes(index + 2);
}

/** The default slice with the highest probability (the first, if two are equal), or null without answers. */
export function maximumOf(defaults, answers) {
  const answered = defaults.filter((index) => answers.has(index));
  if (!answered.length) return null;
  return answered.reduce((best, index) => (answers.get(index).probability > answers.get(best).probability ? index : best));
}

/** The slice under a pixel of the strip. */
export function sliceAtX(x, width, slices) {
  return Math.min(slices - 1, Math.max(0, Math.floor(((x - SIDE) / Math.max(1, width - 2 * SIDE)) * slices)));
}

/** Left edge and width of a slice's place on the strip. */
export function slotOf(index, width, slices) {
  const step = (width - 2 * SIDE) / slices;
  return { x: SIDE + index * step, width: step };
}

/**
 * @param {CanvasRenderingContext2D} ctx  scaled to CSS px
 * @param {{width: number, height: number}} size
 * @param {Bar[]} bars
 * @param {string} of  whose probability it is, where it is not the malignancy's
 */
export function drawStrip(ctx, size, bars, of = "") {
  ctx.fillStyle = COLOURS.ground;
  ctx.fillRect(0, 0, size.width, size.height);
  const floor = size.height - MARK_ROOM;
  const tall = floor - CROWN_ROOM;
  drawScale(ctx, size, floor, tall);
  ctx.textAlign = "left";
  ctx.fillText(of, 4, CROWN_ROOM / 2 + 1); // under the bars and the maximum's sign, which may reach into it on a narrow strip
  for (const bar of bars) drawBar(ctx, { ...slotOf(bar.slice, size.width, bars.length), floor, tall }, bar);
}

// Always on black, like the picture; 0.5 and above also differ by height, never by colour alone.
const COLOURS = { ground: "#0d0e11", text: "#f2f2f2", muted: "#a7adb8", pale: "#8d939e", accent: "#5aa9ff", high: "#ff9d45", shade: "#2b3442" };
const SIDE = 16; // room for the letters R and L
const MARK_ROOM = 9; // under the bars, for marked slices
const CROWN_ROOM = 13; // over the bars, for the maximum's sign

function drawScale(ctx, size, floor, tall) {
  ctx.fillStyle = COLOURS.muted;
  ctx.font = "600 12px system-ui, sans-serif";
  ctx.textBaseline = "middle";
  ctx.textAlign = "center";
  ctx.fillText("R", SIDE / 2, floor - tall / 2);
  ctx.fillText("L", size.width - SIDE / 2, floor - tall / 2);
  ctx.strokeStyle = COLOURS.muted;
  line(ctx, SIDE, floor + 0.5, size.width - SIDE);
  ctx.setLineDash([2, 3]);
  line(ctx, SIDE, Math.round(floor - tall / 2) + 0.5, size.width - SIDE); // p = 0.5
  ctx.setLineDash([]);
}

function drawBar(ctx, slot, bar) {
  const gap = Math.min(3, slot.width / 6);
  const [x, width] = [slot.x + gap, Math.max(1, slot.width - 2 * gap)];
  if (bar.shown) {
    ctx.fillStyle = COLOURS.shade;
    ctx.fillRect(slot.x, CROWN_ROOM - 2, slot.width, slot.floor - CROWN_ROOM + 2);
    ctx.fillStyle = COLOURS.accent;
    ctx.fillRect(slot.x, slot.floor, Math.max(2, slot.width), 3);
  }
  if (bar.probability !== null) drawProbability(ctx, { x, width, floor: slot.floor, tall: slot.tall }, bar);
  if (bar.maximum) triangle(ctx, slot.x + slot.width / 2, slot.floor - slot.tall * bar.probability - 3, COLOURS.text);
  if (bar.marked) {
    ctx.fillStyle = bar.edge ? COLOURS.pale : COLOURS.text;
    ctx.fillRect(x, slot.floor + 5, width, bar.edge ? 2 : 4);
  }
}

function drawProbability(ctx, { x, width, floor, tall }, bar) {
  const height = Math.max(1, tall * bar.probability);
  ctx.fillStyle = ctx.strokeStyle = bar.probability >= 0.5 ? COLOURS.high : COLOURS.accent;
  if (bar.filled) ctx.fillRect(x, floor - height, width, height);
  else ctx.strokeRect(x + 0.5, floor - height + 0.5, Math.max(0.5, width - 1), Math.max(0.5, height - 1));
}

function line(ctx, from, y, to) {
  ctx.beginPath();
  ctx.moveTo(from, y);
  ctx.lineTo(to, y);
  ctx.stroke();
}

function triangle(ctx, x, y, colour) {
  ctx.fillStyle = colour;
  ctx.beginPath();
  ctx.moveTo(x, y);
  ctx.lineTo(x - 4, y - 7);
  ctx.lineTo(x + 4, y - 7);
  ctx.fill();
}
