// What lies under the pointer: the pixel's HU, and where it is in the patient.

import { screenToImage } from "./geometry.js";

/**
 * DICOM's patient coordinates of a place on a slice, in mm (PS3.3 C.7.6.2.1.1: left, posterior and head are positive).
 * The affine maps the index of a voxel to its centre, and row r covers [r, r + 1): the index of a place is half a pixel less.
 * @param {number[][]} affine  4 × 4, of (slice, row, column, 1)
 * @returns {[number, number, number]} left, posterior, head
 */
export function placeToPatient(affine, slice, { row, col }) {
  const index = [slice, row - 0.5, col - 0.5, 1];
  return [0, 1, 2].map((axis) => affine[axis].reduce((sum, value, i) => sum + value * index[i], 0));
}

/** "312 HU · L 3.0  P 41.2  H 84.5 mm", or "" beside the slice or before its pixels are there. */
export function probeText({ pointer, view, spacing, extent, slice, volume, study }) {
  if (!pointer) return "";
  const place = screenToImage(view, spacing, pointer);
  const [row, col] = [Math.floor(place.row), Math.floor(place.col)];
  if (row < 0 || col < 0 || row >= extent.rows || col >= extent.columns) return "";
  const hu = volume.slice(slice)?.[row * extent.columns + col];
  if (hu === undefined) return "";
  return study.affine ? `${hu} HU · ${patientText(placeToPatient(study.affine, slice, place))}` : `${hu} HU`;
}

/** Each axis by its letter instead of a sign. */
export function patientText([x, y, z]) {
  const axis = (value, positive, negative) => `${value < 0 ? negative : positive} ${Math.abs(value).toFixed(1)}`;
  return `${axis(x, "L", "R")}  ${axis(y, "P", "A")}  ${axis(z, "H", "F")} mm`;
}
