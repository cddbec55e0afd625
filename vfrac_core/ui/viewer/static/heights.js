// The height aid's geometry: six points a body, heights in mm, and the loss against the neighbours. No screen, no state.

/**
 * @typedef {[number, number]} HeightPoint   row, column in continuous pixels of the slice, row r covering [r, r + 1)
 * @typedef {HeightPoint[]} BodyPoints       three along the upper end plate from anterior to posterior, then three along the lower
 * @typedef {"worst"|"above"|"below"} BodyName
 * @typedef {"anterior"|"middle"|"posterior"} HeightPlace
 * @typedef {{slice_index: number, worst: BodyPoints, above?: BodyPoints, below?: BodyPoints}} Heights
 * @typedef {{row: number, column: number}} Spacing   mm per pixel
 * @typedef {{loss: number, place: HeightPlace, compared: BodyName[]}} Loss   1 - the least ratio, below 0 where the body is higher
 */

/** @type {readonly BodyName[]} */
export const BODIES = Object.freeze(["worst", "above", "below"]); // in the order in which they are measured
/** @type {readonly BodyName[]} */
export const NEIGHBOURS = Object.freeze(["above", "below"]);
/** @type {readonly HeightPlace[]} */
export const PLACES = Object.freeze(["anterior", "middle", "posterior"]);
export const POINTS = 6;
/** Where the corners stand among the six: upper front, upper back, lower front, lower back. */
export const CORNERS = Object.freeze([0, 2, 3, 5]);
export const COMPRESSION_THRESHOLD = 0.2; // the paper's; twin of vfrac_core.paper

const PLATES = [[0, 1, 2], [3, 4, 5]];

/** The six points of a body whose four corners are known; the middles are proposed halfway between them. */
export function bodyOfCorners([upperFront, upperBack, lowerFront, lowerBack]) {
  return [upperFront, halfway(upperFront, upperBack), upperBack, lowerFront, halfway(lowerFront, lowerBack), lowerBack];
}

/**
 * The body with one point elsewhere. A middle that nobody has moved stays halfway when a corner of its plate moves; points
 * that are not placed yet are null.
 * @param {(HeightPoint|null)[]} points
 */
export function withPoint(points, index, point) {
  const [front, middle, back] = PLATES.find((plate) => plate.includes(index));
  const proposed = index !== middle && isHalfway(points[middle], points[front], points[back]);
  const moved = points.map((one, i) => (i === index ? point : one));
  return proposed ? moved.map((one, i) => (i === middle ? halfway(moved[front], moved[back]) : one)) : moved;
}

/** Anterior, middle and posterior height in mm: from a point of the upper plate to the one of the lower below it. */
export function heightsInMm(points, spacing) {
  return PLACES.map((_, i) => distanceInMm(points[i], points[i + PLACES.length], spacing));
}

/**
 * Loss of height of the worst body: 1 - min(height / mean of the neighbours' same height), and the place of the least ratio.
 * Null where nothing can be compared.
 * @param {Heights} heights
 * @param {Spacing} spacing
 * @returns {Loss|null}
 */
export function heightLoss(heights, spacing) {
  const compared = NEIGHBOURS.filter((name) => heights[name]);
  const worst = heightsInMm(heights.worst, spacing);
  const around = compared.map((name) => heightsInMm(heights[name], spacing));
  const ratios = PLACES.map((place, i) => ({ place, ratio: worst[i] / mean(around.map((one) => one[i])) }));
  const comparable = ratios.filter(({ ratio }) => Number.isFinite(ratio)); // a neighbour without height measures nothing
  if (!comparable.length) return null;
  const least = comparable.reduce((best, one) => (one.ratio < best.ratio ? one : best));
  return { loss: 1 - least.ratio, place: least.place, compared };
}

/** The loss as it is shown: in tenths of a per cent, and never below none. What is shown decides, not a digit behind it. */
export function shownPercent(loss) {
  return Math.max(0, Math.round(loss * 1000)) / 10;
}

/** Whether a loss is more than the sign's threshold; one that is shown as 20.0 % is not. */
export function isCompressed(loss) {
  return shownPercent(loss) > COMPRESSION_THRESHOLD * 100;
}

function distanceInMm(a, b, spacing) {
  return Math.hypot((b[0] - a[0]) * spacing.row, (b[1] - a[1]) * spacing.column);
}

function halfway(a, b) {
  return [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2];
}

function isHalfway(point, a, b) {
  if (!point || !a || !b) return false;
  const [row, column] = halfway(a, b);
  return point[0] === row && point[1] === column;
}

function mean(values) {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
