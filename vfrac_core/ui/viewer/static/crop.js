// The network's exact input, computed in the browser for the three thumbnails: twin of imaging.crop.

import { boxToMm, squareBox } from "./geometry.js";

export const INPUT_SIZE = 64;

const CONTRAST_SD = 2.5; // thumbnails show the z-scores from -2.5 to +2.5

/**
 * HU of the square on a slice and both neighbours, resampled to 64×64, linear, edges replicated; a neighbour past the
 * end of the stack is the end slice itself (protocol E8, E9).
 * @param {(index: number) => Int16Array|null} sliceAt
 * @param {{slices: number, rows: number, columns: number}} extent
 * @param {number[]} square  [r0, c0, r1, c1] in mm
 * @returns {Float32Array|null}  3×64×64, or null while a slice has not arrived
 */
export function cropTriplet(sliceAt, extent, square, spacing, slice) {
  const rows = samples(square[0], square[2], spacing.row, extent.rows);
  const cols = samples(square[1], square[3], spacing.column, extent.columns);
  const crop = new Float32Array(3 * INPUT_SIZE * INPUT_SIZE);
  for (let channel = 0; channel < 3; channel += 1) {
    const hu = sliceAt(Math.min(Math.max(slice + channel - 1, 0), extent.slices - 1));
    if (!hu) return null;
    fillChannel(crop, channel * INPUT_SIZE * INPUT_SIZE, hu, extent.columns, rows, cols);
  }
  return crop;
}

/** Mean 0, standard deviation 1 over the whole crop, all channels together (protocol E10); a flat crop stays 0. */
export function standardized(crop) {
  const mean = crop.reduce((sum, value) => sum + value, 0) / crop.length;
  const sd = Math.sqrt(crop.reduce((sum, value) => sum + (value - mean) ** 2, 0) / crop.length);
  return crop.map((value) => (sd > FLAT_SD ? (value - mean) / sd : 0));
}

/**
 * The exact input for the shown slice and the box, or null while there is none.
 * @param {import("./case_state.js").CaseState} state
 */
export function inputOf({ volume, slice, shownBox: box, extent, spacing }) {
  const square = box && squareBox(boxToMm(box, spacing), extent, spacing);
  const crop = square && cropTriplet((index) => volume.slice(index), volume, square, spacing, slice);
  return crop && standardized(crop);
}

/** One channel of a standardized crop as opaque gray pixels. */
export function thumbnailPixels(input, channel) {
  const size = INPUT_SIZE * INPUT_SIZE;
  const data = new Uint8ClampedArray(4 * size);
  for (let i = 0; i < size; i += 1) {
    const gray = 255 * (input[channel * size + i] / (2 * CONTRAST_SD) + 0.5);
    data.set([gray, gray, gray, 255], 4 * i);
  }
  return data;
}

const FLAT_SD = 1e-6;

/** For each of the 64 sample centres: the two pixels beside it and the share of the second. */
function samples(from, to, mmPerPixel, length) {
  return Array.from({ length: INPUT_SIZE }, (_, i) => {
    const mm = from + ((i + 0.5) * (to - from)) / INPUT_SIZE;
    const at = Math.min(Math.max(mm / mmPerPixel - 0.5, 0), length - 1);
    const low = Math.min(Math.floor(at), length - 1);
    return { low, high: Math.min(low + 1, length - 1), part: at - low };
  });
}

function fillChannel(crop, start, hu, columns, rows, cols) {
  let i = start;
  for (const r of rows) {
    for (const c of cols) {
      const upper = hu[r.low * columns + c.low] * (1 - c.part) + hu[r.low * columns + c.high] * c.part;
      const lower = hu[r.high * columns + c.low] * (1 - c.part) + hu[r.high * columns + c.high] * c.part;
      crop[i] = upper * (1 - r.part) + lower * r.part;
      i += 1;
    }
  }
}
