// "How stable is this answer?": which boxes near the drawn one are asked, and what their answers say together. Pure.

import { boxToMm, MIN_BOX_MM } from "./geometry.js";

export const SHIFTS_MM = Object.freeze([-4, -2, 0, 2, 4]); // as far as two careful readers' boxes lie apart
export const SIZES = Object.freeze([0.8, 1, 1.25]);

const MALIGNANT = 0.5; // design.md §5: p ≥ 0.5 is malignant

/**
 * @typedef {Object} NearbyBox
 * @property {number} size    times the drawn box, around its middle
 * @property {number} down    mm towards the feet
 * @property {number} right   mm towards the back
 * @property {number[]|null} mm   the part on the slice, in mm; null when none is left that the network may be asked about
 *
 * @typedef {{centre: number, low: number, high: number, n: number, across: number}} Stability
 *   `across`: how many lie on the other side of 0.5 than the drawn box
 */

/**
 * All boxes: by size, then from head to foot, then from front to back. In mm, because a step of 2 mm may end between two
 * pixels; the drawn box itself is among them, edge by edge the same.
 * @returns {NearbyBox[]}
 */
export function nearbyBoxes(box, extent, spacing) {
  const drawn = boxToMm(box, spacing);
  const slice = [extent.rows * spacing.row, extent.columns * spacing.column];
  return SIZES.flatMap((size) => SHIFTS_MM.flatMap((down) => SHIFTS_MM.map((right) => (
    { size, down, right, mm: clipped(near(drawn, size, down, right), slice) }))));
}

/** Places in the list, by request: one row of shifts each, boxes that do not exist left out. */
export function batchesOf(boxes) {
  const rows = Array.from({ length: boxes.length / SHIFTS_MM.length }, (_, row) => SHIFTS_MM.map((_, i) => row * SHIFTS_MM.length + i));
  return rows.map((row) => row.filter((i) => boxes[i].mm)).filter((row) => row.length);
}

export const isDrawn = ({ size, down, right }) => size === 1 && down === 0 && right === 0;

export const isMalignant = (probability) => probability >= MALIGNANT;

/**
 * @param {NearbyBox[]} boxes
 * @param {(number|null)[]} probabilities  in the same order
 * @returns {Stability|null}  null while the answer for the drawn box is missing
 */
export function summaryOf(boxes, probabilities) {
  const centre = probabilities[boxes.findIndex(isDrawn)] ?? null;
  if (centre === null) return null;
  const known = probabilities.filter((one) => one !== null);
  return {
    centre, low: Math.min(...known), high: Math.max(...known), n: known.length,
    across: known.filter((one) => isMalignant(one) !== isMalignant(centre)).length,
  };
}

/** "0.62 at your box; 0.41–0.78 over 75 nearby boxes; 9 of 75 on the other side of 0.5." */
export function summaryText({ centre, low, high, n, across }) {
  const missing = SIZES.length * SHIFTS_MM.length ** 2 - n;
  const left = missing ? ` (${missing} more would leave the slice or be too small)` : "";
  return `${centre.toFixed(2)} at your box; ${low.toFixed(2)}–${high.toFixed(2)} over ${n} nearby boxes${left}; ${across} of ${n} on the other side of 0.5.`;
}

/** "box × 0.8, 2 mm up, 4 mm forward": where a box lies, in words. */
export function placeText(box) {
  if (isDrawn(box)) return "your box";
  const way = (mm, less, more) => mm !== 0 && `${Math.abs(mm)} mm ${mm < 0 ? less : more}`;
  return [`box × ${box.size}`, way(box.down, "up", "down"), way(box.right, "forward", "back")].filter(Boolean).join(", ");
}

/** Written so that size 1 and no shift leave every edge exactly as it is. */
function near([r0, c0, r1, c1], size, down, right) {
  const [tall, wide] = [((r1 - r0) * (size - 1)) / 2, ((c1 - c0) * (size - 1)) / 2];
  return [r0 - tall + down, c0 - wide + right, r1 + tall + down, c1 + wide + right];
}

/** Clipped at the slice as every box is; null where the server would refuse what is left. */
function clipped([r0, c0, r1, c1], [tall, wide]) {
  const kept = [Math.max(r0, 0), Math.max(c0, 0), Math.min(r1, tall), Math.min(c1, wide)];
  return Math.min(kept[2] - kept[0], kept[3] - kept[1]) >= MIN_BOX_MM - 1e-6 ? kept : null;
}
