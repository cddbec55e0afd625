// Painting a class activation map: faded by its evidence (decision 6), in colours that colour-blind people can order.

import { evidenceOf } from "./sign_answers.js";

const SMOOTH_SIZE = 64; // the network's input: finer than this the map knows nothing

/**
 * RGBA pixels of a map. Alpha is opacity · cam / max · evidence, where the evidence is p for malignant, 1 − p for benign
 * and a sign's own p for its map, so that a slice of p = 0.01 never looks as hot as one of 0.99.
 * @param {number[][]} grid  raw, never negative
 * @param {{probability: number, signs?: Object<string, number>|null, target: string, opacity: number, smooth: boolean}} options
 * @returns {{width: number, height: number, data: Uint8ClampedArray}}
 */
export function camPixels(grid, { probability, signs, target, opacity, smooth }) {
  const most = Math.max(...grid.map((row) => Math.max(...row)));
  return mapPixels(grid, { most, strength: opacity * evidenceOf({ probability, signs }, target), smooth });
}

/** The same on a given scale: `most` is full heat, and `strength` the alpha that it has. */
export function mapPixels(grid, { most, strength, smooth }) {
  const shown = smooth ? resampled(grid, SMOOTH_SIZE) : grid;
  const [height, width] = [shown.length, shown[0].length];
  const data = new Uint8ClampedArray(4 * height * width);
  shown.flat().forEach((value, i) => {
    const share = most > 0 ? Math.max(0, value) / most : 0;
    data.set(HEAT[Math.round(255 * share)], 4 * i);
    data[4 * i + 3] = 255 * strength * share;
  });
  return { width, height, data };
}

/** Bilinear upsampling; sample centres as in `interpolate(align_corners=False)`, edges repeated. */
export function resampled(grid, size) {
  const rows = samplePoints(grid.length, size);
  const cols = samplePoints(grid[0].length, size);
  return rows.map((r) => cols.map((c) => {
    const upper = grid[r.low][c.low] * (1 - c.part) + grid[r.low][c.high] * c.part;
    const lower = grid[r.high][c.low] * (1 - c.part) + grid[r.high][c.high] * c.part;
    return upper * (1 - r.part) + lower * r.part;
  }));
}

/**
 * The colour of a share 0..1: the "inferno" map of matplotlib (lightness rises evenly, safe for all common kinds of
 * colour blindness), as Zucker's polynomial of sixth degree. Its black end is left out: alpha does the fading.
 */
export function heat(share) {
  const x = DARKEST + (1 - DARKEST) * Math.min(Math.max(share, 0), 1);
  return INFERNO.map((terms) => 255 * Math.min(1, Math.max(0, terms.reduceRight((sum, term) => sum * x + term, 0))));
}

/** The colours as a CSS gradient, for a legend: fading as a map does, or opaque. */
export function heatGradient({ steps = 8, opaque = false } = {}) {
  const stop = (i) => `rgb(${heat(i / steps).map(Math.round).join(" ")} / ${opaque ? 1 : i / steps})`;
  return `linear-gradient(to right, ${Array.from({ length: steps + 1 }, (_, i) => stop(i)).join(", ")})`;
}

const DARKEST = 0.3;
const INFERNO = [
  [0.00021894, 0.10651342, 11.60249308, -41.70399613, 77.1629357, -71.31942824, 25.13112622],
  [0.001651, 0.56395644, -3.97285397, 17.43639888, -33.40235894, 32.62606426, -12.24266895],
  [-0.01948090, 3.93271239, -15.94239411, 44.35414520, -81.80730926, 73.20951986, -23.070325],
];

const HEAT = Array.from({ length: 256 }, (_, i) => heat(i / 255));

function samplePoints(length, size) {
  return Array.from({ length: size }, (_, i) => {
    const at = Math.min(Math.max(((i + 0.5) * length) / size - 0.5, 0), length - 1);
    const low = Math.floor(at);
    return { low, high: Math.min(low + 1, length - 1), part: at - low };
  });
}
