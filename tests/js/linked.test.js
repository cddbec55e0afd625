import assert from "node:assert/strict";
import { test } from "node:test";

import { fitView, imageToScreen, screenToImage } from "../../vfrac_core/ui/viewer/static/geometry.js";
import {
  axialGrid, indexAt, middleOf, placeFromPlane, placeInCase, placeOnPlane, planeOf, PLANES, stackGrid, toMm, toVoxel,
} from "../../vfrac_core/ui/viewer/static/linked_geometry.js";
import { LinkedState } from "../../vfrac_core/ui/viewer/static/linked_state.js";
import { cutPlane } from "../../vfrac_core/ui/viewer/static/plane_cut.js";
import { referenceLines } from "../../vfrac_core/ui/viewer/static/reference_lines.js";
import { Volume } from "../../vfrac_core/ui/viewer/static/volume.js";
import { forMany } from "./random.js";

const WAYS = ["left", "foot", "back"];

function scene({ between, whole }) {
  const stack = stackGrid({ shape: [whole(5, 60), whole(20, 900), whole(20, 700)], spacing_mm: [3, between(0.3, 5), between(0.3, 3)] });
  const axial = axialGrid({
    shape: [whole(5, 500), whole(20, 400), whole(20, 400)],
    spacing_mm: [between(1, 5), between(1, 3), between(1, 3)],
    start_mm: [between(-2, 2), between(-2, 2), between(-2, 2)],
  });
  return { stack, axial };
}

/** A volume of which every voxel tells its place: 10,000 · slice + 100 · row + column. */
function told([slices, rows, columns], missing = []) {
  const volume = new Volume([slices, rows, columns], 8);
  for (let chunk = 0; chunk < volume.chunks.length; chunk += 1) {
    if (missing.includes(chunk)) continue;
    const depth = Math.min(8, slices - 8 * chunk);
    volume.put(chunk, Int16Array.from({ length: depth * rows * columns }, (_, i) => {
      const [slice, rest] = [8 * chunk + Math.floor(i / (rows * columns)), i % (rows * columns)];
      return 1000 * slice + 50 * Math.floor(rest / columns) + (rest % columns);
    }).buffer);
  }
  return volume;
}

const value = (slice, row, column) => 1000 * slice + 50 * row + column;

test("sagittal place to millimetre to voxel of the second volume and back is the same place", () => {
  forMany((random) => {
    const { stack, axial } = scene(random);
    const [slice, row, col] = [random.whole(0, stack.axes.left.count - 1), random.between(0, 900), random.between(0, 700)];
    const at = placeInCase(stack, slice, { row, col });
    const voxel = Object.fromEntries(WAYS.map((way) => [way, toVoxel(axial.axes[way], at[way])]));
    const back = Object.fromEntries(WAYS.map((way) => [way, toMm(axial.axes[way], voxel[way])]));
    WAYS.forEach((way) => assert.ok(Math.abs(back[way] - at[way]) < 1e-9));
    const place = placeOnPlane(stack, "left", back);
    assert.ok(Math.abs(place.row - row) < 1e-6 && Math.abs(place.col - col) < 1e-6);
    assert.equal(indexAt(stack.axes.left, back.left), slice);
  });
});

test("the middle of a voxel lies in that voxel, and a place outside in the nearest one", () => {
  forMany((random) => {
    const { axial } = scene(random);
    for (const axis of Object.values(axial.axes)) {
      const index = random.whole(0, axis.count - 1);
      assert.equal(indexAt(axis, middleOf(axis, index)), index);
      assert.equal(indexAt(axis, toMm(axis, index)), index); // its lower face is its own
      assert.deepEqual([indexAt(axis, -1e9), indexAt(axis, 1e9)], [0, axis.count - 1]);
    }
  });
});

test("a click on a view names the place that the view shows there", () => {
  forMany((random) => {
    const { stack, axial } = scene(random);
    for (const grid of [stack, axial]) {
      for (const way of WAYS) {
        const at = { left: random.between(0, 90), foot: random.between(0, 300), back: random.between(0, 200) };
        const { extent, spacing } = planeOf(grid, way);
        const view = fitView({ width: 300, height: 240 }, extent, spacing, 4);
        const clicked = placeFromPlane(grid, way, screenToImage(view, spacing, imageToScreen(view, spacing, placeOnPlane(grid, way, at))));
        assert.deepEqual(Object.keys(clicked).sort(), [...PLANES[way]].sort());
        Object.entries(clicked).forEach(([one, mm]) => assert.ok(Math.abs(mm - at[one]) < 1e-6));
      }
    }
  });
});

test("the second volume is foot, back, left; the stack left, foot, back", () => {
  const axial = axialGrid({ shape: [7, 8, 9], spacing_mm: [1, 2, 3], start_mm: [0.1, 0.2, 0.3] });
  assert.deepEqual(axial.axes, { foot: { count: 7, mm: 1, start: 0.1 }, back: { count: 8, mm: 2, start: 0.2 }, left: { count: 9, mm: 3, start: 0.3 } });
  assert.deepEqual(planeOf(axial, "back"), { extent: { rows: 7, columns: 9 }, spacing: { row: 1, column: 3 } });
});

test("planes are cut at the right voxels, from either volume, patient's right on the left", () => {
  const shape = [11, 5, 6];
  const volume = told(shape);
  const axial = axialGrid({ shape, spacing_mm: [1, 1, 1], start_mm: [0, 0, 0] });
  const stack = stackGrid({ shape, spacing_mm: [3, 1, 1] });
  const cells = (way, grid) => { // one plane as {row, column, hu}, for each row and column
    const columns = planeOf(grid, way).extent.columns;
    return Array.from(cutPlane(volume, grid, way, 2), (hu, i) => ({ row: Math.floor(i / columns), column: i % columns, hu }));
  };
  cells("foot", axial).forEach(({ row, column, hu }) => assert.equal(hu, value(2, row, column)));
  cells("back", axial).forEach(({ row, column, hu }) => assert.equal(hu, value(row, 2, column)));
  cells("foot", stack).forEach(({ row, column, hu }) => assert.equal(hu, value(column, 2, row)));
  cells("back", stack).forEach(({ row, column, hu }) => assert.equal(hu, value(column, row, 2)));
  assert.equal(cells("back", stack).length, 5 * 11);
});

test("what has not arrived is black in a plane across it, and no plane by itself", () => {
  const shape = [11, 5, 6];
  const volume = told(shape, [1]);
  const grid = axialGrid({ shape, spacing_mm: [1, 1, 1], start_mm: [0, 0, 0] });
  const plane = cutPlane(volume, grid, "back", 0);
  assert.deepEqual([plane[7 * 6], plane[8 * 6]], [7000, -32_768]);
  assert.equal(cutPlane(volume, grid, "foot", 9), null);
  assert.equal(cutPlane(new Volume(shape, 8), grid, "back", 0), null);
});

const STUDY = {
  shape: [20, 100, 80], spacing_mm: [3, 2, 1],
  axial: { shape: [200, 80, 60], spacing_mm: [1, 1, 1], start_mm: [0, 0, 0], chunk_slices: 8 },
};

function opened(study = STUDY, more = {}) {
  const state = { study, slice: 10, box: [20, 30, 40, 50], extent: { rows: 100, columns: 80 }, volume: told([20, 30, 20]), ...more };
  const linked = new LinkedState(state);
  linked.open();
  return { state, linked };
}

test("the views follow the box's middle, the slice's without a box, and the sagittal slice", () => {
  const { state, linked } = opened();
  assert.deepEqual(linked.at, { left: 31.5, foot: 60, back: 40 });
  assert.deepEqual([linked.indexOf("foot"), linked.indexOf("back")], [60, 40]);
  Object.assign(state, { box: null, slice: 0 });
  assert.deepEqual(linked.at, { left: 1.5, foot: 100, back: 40 });
});

test("where the reader went holds until the box is another one", () => {
  const { state, linked } = opened();
  linked.pin({ foot: 12.5 });
  state.slice = 3;
  assert.deepEqual(linked.at, { left: 10.5, foot: 12.5, back: 40 });
  linked.open();
  assert.equal(linked.at.foot, 60);
  linked.pin({ foot: 12.5 });
  state.box = [20, 30, 42, 50];
  assert.equal(linked.at.foot, 62);
});

test("without a second volume the planes come from the sagittal stack", () => {
  const { state, linked } = opened({ ...STUDY, axial: null });
  assert.deepEqual([linked.status, linked.source.own, linked.volume], ["failed", false, null]);
  assert.equal(linked.source.volume, state.volume);
  assert.deepEqual([linked.indexOf("foot"), linked.indexOf("back")], [30, 40]);
});

test("a plane is cut once, and again when more has arrived", () => {
  const { linked } = opened();
  const chunk = () => new ArrayBuffer(8 * 80 * 60 * 2);
  linked.volume.put(7, chunk());
  const first = linked.plane("back");
  assert.equal(linked.plane("back"), first);
  linked.volume.put(8, chunk());
  assert.notEqual(linked.plane("back"), first);
});

test("opened again, what has arrived is still there; after another case it is not", () => {
  const { linked } = opened();
  const { volume } = linked;
  linked.open();
  assert.equal(linked.volume, volume);
  linked.forget();
  assert.deepEqual([linked.status, linked.shown, linked.volume], ["off", false, null]);
});

test("reference lines cross at the place, within the plane, and leave it free", () => {
  forMany((random) => {
    const { axial } = scene(random);
    const at = Object.fromEntries(WAYS.map((way) => [way, random.between(10, 15)]));
    const { extent, spacing } = planeOf(axial, "foot");
    const view = fitView({ width: 300, height: 240 }, extent, spacing, 4);
    const middle = imageToScreen(view, spacing, placeOnPlane(axial, "foot", at));
    const [flat, upright] = referenceLines(axial, "foot", at, view, { width: 300, height: 240 });
    assert.deepEqual([flat.way, upright.way], ["back", "left"]);
    for (const point of flat.pieces.flat()) assert.ok(point.y === middle.y && Math.abs(point.x - middle.x) >= 15.9);
    for (const point of upright.pieces.flat()) assert.ok(point.x === middle.x && Math.abs(point.y - middle.y) >= 15.9);
  });
});
