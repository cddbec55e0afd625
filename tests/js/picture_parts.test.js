import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { camPixels, heat, resampled } from "../../vfrac_core/ui/viewer/static/cam.js";
import { cropTriplet, INPUT_SIZE, standardized, thumbnailPixels } from "../../vfrac_core/ui/viewer/static/crop.js";
import { positionText, rulerLength, windowText } from "../../vfrac_core/ui/viewer/static/overlay.js";
import { draggedWindow, fullRange, grayOf, lookupTable, PRESETS, tidyWindow } from "../../vfrac_core/ui/viewer/static/window_level.js";
import { forMany } from "./random.js";

const golden = JSON.parse(readFileSync(new URL("../golden/geometry.json", import.meta.url)));

const grayInTable = (table, hu) => table[hu & 0xffff] & 0xff;

/** PS3.3 C.11.2.1.2.1, the pseudo-code of the standard with y from 0 to 255. */
function standardGray(x, c, w) {
  if (x <= c - 0.5 - (w - 1) / 2) return 0;
  if (x > c - 0.5 + (w - 1) / 2) return 255;
  return ((x - (c - 0.5)) / (w - 1) + 0.5) * 255;
}

test("the lookup table is the standard's linear function for ten windows, over every int16 value", () => {
  const windows = [[400, 1800], [40, 400], [480, 2500], [40, 1], [40, 2], [-600, 1500], [0.5, 65536], [300, 1000], [128, 256], [-1000, 17]];
  for (const [center, width] of windows) {
    const table = lookupTable({ center, width });
    for (let hu = -32768; hu < 32768; hu += 1) {
      assert.equal(grayInTable(table, hu), Math.floor(standardGray(hu, center, width) + 0.5), `HU ${hu} at ${center}/${width}`);
    }
  }
});

test("grays are Python's, number by number", () => {
  assert.ok(golden.windows.length > 5);
  for (const { hu, center, width, gray } of golden.windows) assert.equal(Math.floor(grayOf(hu, { center, width }) + 0.5), gray);
});

test("table entries are opaque gray pixels", () => {
  const entry = lookupTable({ center: 0, width: 400 })[100];
  const [r, g, b, a] = [entry & 255, (entry >> 8) & 255, (entry >> 16) & 255, entry >>> 24];
  assert.ok(r === g && g === b && a === 255 && r > 128);
});

test("the full range shows the least value black and the greatest white", () => {
  const window = fullRange(-1024, 3071);
  assert.equal(grayOf(-1024, window), 0);
  assert.equal(Math.round(grayOf(3071, window)), 255);
  assert.ok(grayOf(-1023, window) > 0 && grayOf(3070, window) < 255);
  assert.equal(fullRange(7, 7).width, 1);
});

test("presets have the numbers of the reading room", () => {
  const numbers = PRESETS.map(({ id, window }) => [id, window && `${window.width}/${window.center}`]);
  assert.deepEqual(numbers.slice(0, 3), [["window-bone", "1800/400"], ["window-soft", "400/40"], ["window-wide", "2500/480"]]);
});

test("dragging right widens, dragging down raises the level; a width never falls below 1", () => {
  const start = { center: 40, width: 400 };
  assert.deepEqual(draggedWindow(start, 30, 0), { center: 40, width: 430 });
  assert.deepEqual(draggedWindow(start, 0, 30), { center: 70, width: 400 });
  assert.equal(draggedWindow(start, -5000, 0).width, 1);
  assert.equal(tidyWindow({ center: 1e9, width: 0 }).width, 1);
});

test("the crop is Python's, sample by sample", () => {
  const { slices, rows, columns, spacing_row, spacing_column, hu, slice, square_mm, samples } = golden.crop;
  const stack = Int16Array.from(hu);
  const sliceAt = (index) => stack.subarray(index * rows * columns, (index + 1) * rows * columns);
  const crop = cropTriplet(sliceAt, { slices, rows, columns }, square_mm, { row: spacing_row, column: spacing_column }, slice);
  assert.ok(samples.length > 3);
  for (const { channel, row, column, hu: expected } of samples) {
    const value = crop[(channel * INPUT_SIZE + row) * INPUT_SIZE + column];
    assert.ok(Math.abs(value - expected) < 0.01, `${value} is not ${expected}`);
  }
});

test("without one of the three slices there is no crop", () => {
  const extent = { slices: 3, rows: 4, columns: 4 };
  const only = (known) => (index) => (known.includes(index) ? new Int16Array(16) : null);
  const crop = (known) => cropTriplet(only(known), extent, [0, 0, 4, 4], { row: 1, column: 1 }, 2);
  assert.equal(crop([2]), null);
  assert.equal(crop([1, 2]).length, 3 * 64 * 64); // the slice past the end is the end slice itself
});

test("the input has mean 0 and deviation 1; a flat crop is 0", () => {
  forMany(({ between }) => {
    const crop = Float32Array.from({ length: 3 * 64 * 64 }, () => between(-1000, 2000));
    const input = standardized(crop);
    const mean = input.reduce((sum, value) => sum + value, 0) / input.length;
    const sd = Math.sqrt(input.reduce((sum, value) => sum + (value - mean) ** 2, 0) / input.length);
    assert.ok(Math.abs(mean) < 1e-4 && Math.abs(sd - 1) < 1e-4);
  }, 5);
  assert.ok(standardized(new Float32Array(12).fill(40)).every((value) => value === 0));
});

test("a thumbnail is opaque and brighter where the input is higher", () => {
  const input = new Float32Array(3 * 64 * 64);
  input[64 * 64] = 2;
  input[64 * 64 + 1] = -2;
  const data = thumbnailPixels(input, 1);
  assert.ok(data[0] > data[8] && data[8] > data[4] && data[3] === 255);
});

const hot = [[0, 1], [2, 4]];
const alphas = (options) => {
  const { data } = camPixels(hot, { opacity: 1, smooth: false, ...options });
  return Array.from(data).filter((_, i) => i % 4 === 3);
};

test("a map is faded by cam / max and by the evidence: p for malignant, 1 - p for benign", () => {
  assert.deepEqual(alphas({ probability: 1, target: "malignant" }), [0, 64, 128, 255]);
  assert.deepEqual(alphas({ probability: 0.5, target: "malignant", opacity: 0.5 }), [0, 16, 32, 64]);
  assert.deepEqual(alphas({ probability: 0.25, target: "benign" }), [0, 48, 96, 191]);
});

test("p = 0.01 is visibly paler than p = 0.99", () => {
  const [faint, strong] = [0.01, 0.99].map((probability) => Math.max(...alphas({ probability, target: "malignant" })));
  assert.ok(faint <= 3 && strong >= 250);
});

test("a map of zeros paints nothing", () => {
  const { data } = camPixels([[0, 0], [0, 0]], { probability: 1, target: "malignant", opacity: 1, smooth: true });
  assert.ok(data.every((value, i) => i % 4 !== 3 || value === 0));
});

test("upsampling keeps the mean of the centre, the corners and the bounds", () => {
  const fine = resampled(hot, 64);
  assert.equal(fine[0][0], 0);
  assert.equal(fine[63][63], 4);
  assert.ok(Math.abs((fine[31][31] + fine[32][32] + fine[31][32] + fine[32][31]) / 4 - 7 / 4) < 1e-9);
  assert.ok(fine.flat().every((value) => value >= 0 && value <= 4));
});

test("lightness of the colour map rises without a break, so that it reads without colour", () => {
  const lightness = Array.from({ length: 101 }, (_, i) => heat(i / 100)).map(([r, g, b]) => 0.2126 * r + 0.7152 * g + 0.0722 * b);
  lightness.slice(1).forEach((value, i) => assert.ok(value > lightness[i], `at ${i}`));
});

test("the colour map is matplotlib's inferno to within 6 of 255", () => {
  const inferno = { 0.3: [106, 23, 110], 0.5: [188, 55, 84], 0.75: [249, 142, 9], 1: [252, 255, 164] }; // matplotlib 3.10
  for (const [x, colour] of Object.entries(inferno)) {
    heat((x - 0.3) / 0.7).forEach((value, i) => assert.ok(Math.abs(value - colour[i]) <= 6, `${heat((x - 0.3) / 0.7)} is not ${colour}`));
  }
});

test("people count slices from 1", () => {
  assert.equal(positionText(6, 15), "R 7/15 L");
  assert.equal(windowText({ width: 1800, center: 400 }), "W 1800  L 400");
});

test("the ruler is the longest round length that fits", () => {
  assert.equal(rulerLength(2, 120), 50);
  assert.equal(rulerLength(0.5, 120), 200);
  assert.equal(rulerLength(1000, 120), 1);
});
