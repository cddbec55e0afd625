import assert from "node:assert/strict";
import { test } from "node:test";

import { patientText, placeToPatient, probeText } from "../../vfrac_core/ui/viewer/static/probe.js";
import { lengthMm } from "../../vfrac_core/ui/viewer/static/ruler.js";
import { forMany } from "./random.js";

// A sagittal stack: slices to the left by 3 mm, rows to the feet by 0.5 mm, columns to the back by 0.8 mm.
const AFFINE = [[3, 0, 0, -30], [0, 0, 0.8, -40], [0, -0.5, 0, 90], [0, 0, 0, 1]];

test("the middle of a pixel is the voxel's centre, and a pixel further is its spacing further", () => {
  assert.deepEqual(placeToPatient(AFFINE, 0, { row: 0.5, col: 0.5 }), [-30, -40, 90]);
  assert.deepEqual(placeToPatient(AFFINE, 2, { row: 10.5, col: 20.5 }), [-24, -24, 85]);
  assert.equal(patientText([-24, -24, 85]), "R 24.0  A 24.0  H 85.0 mm");
});

test("a distance on the slice is the patient's distance", () => {
  forMany(({ between }) => {
    const [from, to] = [0, 1].map(() => ({ row: between(0, 300), col: between(0, 300) }));
    const [a, b] = [from, to].map((place) => placeToPatient(AFFINE, 4, place));
    const apart = Math.hypot(...a.map((value, axis) => value - b[axis]));
    assert.ok(Math.abs(lengthMm({ from, to }, { row: 0.5, column: 0.8 }) - apart) < 1e-9);
  });
});

test("the probe says the pixel's HU, and nothing beside the slice or before its pixels are there", () => {
  const hu = Int16Array.from([1, 2, 3, 4, 5, 6]);
  const state = {
    view: { scale: 10, x: 0, y: 0 }, spacing: { row: 1, column: 1 }, extent: { rows: 2, columns: 3 }, slice: 0,
    volume: { slice: () => hu }, study: {},
  };
  assert.equal(probeText({ ...state, pointer: { x: 25, y: 15 } }), "6 HU");
  assert.equal(probeText({ ...state, pointer: { x: 31, y: 15 } }), "");
  assert.equal(probeText({ ...state, pointer: null }), "");
  assert.equal(probeText({ ...state, pointer: { x: 5, y: 5 }, volume: { slice: () => null } }), "");
});
