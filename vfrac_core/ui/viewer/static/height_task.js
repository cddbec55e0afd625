// What the reader is measuring just now: which body, which of its corners are placed, what comes next. A task is never
// changed, only replaced. It is no part of the reading: only whole bodies are.

import { BODIES, bodyOfCorners, CORNERS, POINTS, withPoint } from "./heights.js";

/**
 * @typedef {import("./heights.js").BodyName} BodyName
 * @typedef {import("./heights.js").Heights} Heights
 * @typedef {import("./heights.js").HeightPoint} HeightPoint
 * @typedef {{body: BodyName, index: number}} PointName   one of a body's six
 *
 * @typedef {Object} Task
 * @property {BodyName|null} body                the body that takes the next corner; null when there is none left
 * @property {(HeightPoint|null)[]} points       the corners of that body which are placed, at their places among the six
 * @property {number|null} slice                 the slice of the measurement, null before its first point
 * @property {BodyName[]} skipped                neighbours that the reader does not want to measure
 * @property {PointName|null} last               the point that was touched last: it takes the arrow keys
 */

/**
 * The task of a reader who takes the tool, or whose measurement was replaced: the first body that is not measured yet.
 * @param {Heights|null} heights
 * @param {BodyName[]} [skipped]
 * @returns {Task}
 */
export function taskFor(heights, skipped = []) {
  const body = BODIES.find((name) => !heights?.[name] && !skipped.includes(name)) ?? null;
  return { body, points: Array(POINTS).fill(null), slice: heights?.slice_index ?? null, skipped, last: null };
}

/** The place among the six of the corner that comes next, or null. */
export function nextCorner(task) {
  return task.body && (CORNERS.find((index) => !task.points[index]) ?? null);
}

/**
 * The next corner is here. The fourth makes a whole body of them, and the next body begins.
 * @returns {{task: Task, heights: Heights|null}}
 */
export function placeCorner(task, heights, slice, point) {
  const { body } = task;
  const index = nextCorner(task);
  const points = withPoint(task.points, index, point);
  const last = { body, index };
  if (CORNERS.some((corner) => !points[corner])) return { task: { ...task, points, slice: task.slice ?? slice, last }, heights };
  const whole = withBody(heights ?? { slice_index: task.slice ?? slice }, body, bodyOfCorners(CORNERS.map((corner) => points[corner])));
  return { task: { ...taskFor(whole, task.skipped), last }, heights: whole };
}

/** One of the points is elsewhere, of a whole body or of the one in the making. */
export function movePoint(task, heights, { body, index }, point) {
  const last = { body, index };
  if (heights?.[body]) return { task: { ...task, last }, heights: withBody(heights, body, withPoint(heights[body], index, point)) };
  return { task: { ...task, points: withPoint(task.points, index, point), last }, heights };
}

/** A neighbour is not measured. The worst body cannot be skipped: without it there is nothing to compare. */
export function skipBody(task, heights) {
  return canSkip(task) ? taskFor(heights, [...task.skipped, task.body]) : task;
}

export function canSkip(task) {
  return task.body !== null && task.body !== "worst";
}

/** Take back the corner that was placed last, of the body in the making. */
export function takeBack(task, heights) {
  const index = CORNERS.findLast((corner) => task.points[corner]);
  if (index === undefined) return task;
  const points = withPoint(task.points, index, null);
  const empty = points.every((point) => !point);
  return { ...task, points, slice: empty ? heights?.slice_index ?? null : task.slice, last: null };
}

/**
 * Everything that is to be seen: whole bodies, then the one in the making.
 * @param {Heights|null} heights
 * @param {Task|null} task  null: the tool is not in the hand
 * @returns {{name: BodyName, points: (HeightPoint|null)[]}[]}
 */
export function bodiesShown(heights, task) {
  const whole = BODIES.filter((name) => heights?.[name]).map((name) => ({ name, points: heights[name] }));
  const begun = task?.points.some((point) => point) ? [{ name: task.body, points: task.points }] : [];
  return [...whole, ...begun];
}

/** How many points are placed. */
export function pointCount(bodies) {
  return bodies.flatMap(({ points }) => points).filter((point) => point).length;
}

/** The point by its name, or null where it is not placed. */
export function pointAt(task, heights, { body, index }) {
  return heights?.[body]?.[index] ?? (task.body === body ? task.points[index] : null);
}

/** The bodies in a fixed order, so that the same measurement is always the same text. */
function withBody(heights, name, points) {
  const all = { ...heights, [name]: points };
  const bodies = BODIES.filter((one) => all[one]).map((one) => [one, all[one]]);
  return { slice_index: heights.slice_index, ...Object.fromEntries(bodies) };
}
