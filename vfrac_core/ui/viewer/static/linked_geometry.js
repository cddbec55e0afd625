// Pure geometry of the linked views. A place in the case is {left, foot, back}: mm along the patient's axes (to his left, to
// his feet, to his back: DICOM's LPS, with the third axis turned round) from the outer corner of the sagittal stack's first
// voxel. The stack and the second volume have these axes in different orders, so each axis can be converted by itself.

import { clamp } from "./geometry.js";

/**
 * @typedef {"left"|"foot"|"back"} Way
 * @typedef {{left: number, foot: number, back: number}} Mm
 * @typedef {{count: number, mm: number, start: number}} Axis   voxels, their size, and where the first one begins, in mm
 * @typedef {{order: [Way, Way, Way], axes: Record<Way, Axis>}} Grid   `order`: of slices, rows and columns
 */

const SAGITTAL = /** @type {[Way, Way, Way]} */ (["left", "foot", "back"]);
const AXIAL = /** @type {[Way, Way, Way]} */ (["foot", "back", "left"]);

/** What a plane shows, by the way that it stands across: first downwards, then to the right. */
export const PLANES = Object.freeze({ left: ["foot", "back"], foot: ["back", "left"], back: ["foot", "left"] });

/** The grid of the sagittal stack. @returns {Grid} */
export function stackGrid({ shape, spacing_mm }) {
  return grid(SAGITTAL, shape, spacing_mm, [0, 0, 0]);
}

/** The grid of the second volume. @returns {Grid} */
export function axialGrid({ shape, spacing_mm, start_mm }) {
  return grid(AXIAL, shape, spacing_mm, start_mm);
}

/** Where a continuous voxel coordinate lies; voxel i covers [i, i + 1). */
export function toMm(axis, voxel) {
  return axis.start + voxel * axis.mm;
}

export function toVoxel(axis, mm) {
  return (mm - axis.start) / axis.mm;
}

/** The voxel that covers `mm`, or the nearest one. */
export function indexAt(axis, mm) {
  return clamp(Math.floor(toVoxel(axis, mm) + 1e-9), 0, axis.count - 1);
}

/** The middle of a voxel, in mm. */
export function middleOf(axis, index) {
  return toMm(axis, index + 0.5);
}

/** A place on the sagittal picture (continuous rows and columns) on one of its slices. @returns {Mm} */
export function placeInCase(stack, slice, { row, col }) {
  return { left: middleOf(stack.axes.left, slice), foot: toMm(stack.axes.foot, row), back: toMm(stack.axes.back, col) };
}

/** Rows, columns and the size of a pixel in the plane across `way`, as geometry.js wants them. */
export function planeOf(grid, way) {
  const [down, across] = PLANES[way].map((one) => grid.axes[one]);
  return { extent: { rows: down.count, columns: across.count }, spacing: { row: down.mm, column: across.mm } };
}

/** A case's place in the plane across `way`, in continuous rows and columns. */
export function placeOnPlane(grid, way, at) {
  const [down, across] = PLANES[way];
  return { row: toVoxel(grid.axes[down], at[down]), col: toVoxel(grid.axes[across], at[across]) };
}

/** The two coordinates of the case that a place on the plane across `way` tells. @returns {Partial<Mm>} */
export function placeFromPlane(grid, way, { row, col }) {
  const [down, across] = PLANES[way];
  return { [down]: toMm(grid.axes[down], row), [across]: toMm(grid.axes[across], col) };
}

function grid(order, shape, spacing, start) {
  const axes = Object.fromEntries(order.map((way, i) => [way, { count: shape[i], mm: spacing[i], start: start[i] }]));
  return { order, axes };
}
