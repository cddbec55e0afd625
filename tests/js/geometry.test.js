import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import {
  boxFromMm, boxOnScreen, boxToMm, centralBox, centredSlices, fitView, handlePoints, hitTest, imageToScreen, MIN_BOX_MM,
  moveBox, panBy, resizeBox, resizeKeeping, sameBox, screenToImage, snapBox, squareBox, zoomAt,
  missesSlice,
} from "../../vfrac_core/ui/viewer/static/geometry.js";
import { forMany } from "./random.js";

const golden = JSON.parse(readFileSync(new URL("../golden/geometry.json", import.meta.url)));

function scene({ between, whole }) {
  const extent = { rows: whole(20, 900), columns: whole(20, 700) };
  const spacing = { row: between(0.3, 3), column: between(0.3, 3) };
  const size = { width: between(300, 1900), height: between(240, 760) };
  const fitted = fitView(size, extent, spacing, 4);
  const zoomed = zoomAt(fitted, { x: between(0, size.width), y: between(0, size.height) }, between(0.2, 30), fitted);
  return { extent, spacing, size, fitted, view: panBy(zoomed, between(-900, 900), between(-900, 900)) };
}

function someBox({ whole }, extent, spacing) {
  const a = { row: whole(-20, extent.rows + 20), col: whole(-20, extent.columns + 20) };
  const b = { row: whole(-20, extent.rows + 20), col: whole(-20, extent.columns + 20) };
  return snapBox(a, b, extent, spacing);
}

function assertLawful(box, extent, spacing) {
  const [r0, c0, r1, c1] = box;
  assert.ok(box.every(Number.isInteger), `${box} are whole numbers`);
  assert.ok(r0 >= 0 && c0 >= 0 && r1 <= extent.rows && c1 <= extent.columns, `${box} lies on the slice`);
  assert.ok((r1 - r0) * spacing.row >= Math.min(MIN_BOX_MM, extent.rows * spacing.row) - 1e-6, `${box} is high enough`);
  assert.ok((c1 - c0) * spacing.column >= Math.min(MIN_BOX_MM, extent.columns * spacing.column) - 1e-6, `${box} is wide enough`);
}

test("screen to image and back is the same point, at any zoom, pan and aspect", () => {
  forMany((random) => {
    const { spacing, view } = scene(random);
    const point = { x: random.between(-500, 2500), y: random.between(-500, 1500) };
    const back = imageToScreen(view, spacing, screenToImage(view, spacing, point));
    assert.ok(Math.hypot(back.x - point.x, back.y - point.y) < 1e-6);
  });
});

test("a box in mm and back is the same box", () => {
  forMany((random) => {
    const { extent, spacing } = scene(random);
    const box = someBox(random, extent, spacing);
    boxFromMm(boxToMm(box, spacing), spacing).forEach((edge, i) => assert.ok(Math.abs(edge - box[i]) < 1e-9));
  });
});

test("the fitted slice keeps its true aspect, is centred and touches the margin", () => {
  forMany((random) => {
    const { extent, spacing, size, fitted } = scene(random);
    const rect = boxOnScreen(fitted, spacing, [0, 0, extent.rows, extent.columns]);
    const aspect = (extent.columns * spacing.column) / (extent.rows * spacing.row);
    assert.ok(Math.abs(rect.width / rect.height - aspect) < 1e-9 * aspect);
    assert.ok(Math.abs(rect.x * 2 + rect.width - size.width) < 1e-6 && Math.abs(rect.y * 2 + rect.height - size.height) < 1e-6);
    assert.ok(Math.abs(Math.min(rect.x, rect.y) - 4) < 1e-6);
  });
});

test("zooming leaves the place under the pointer where it is", () => {
  forMany((random) => {
    const { spacing, fitted, view } = scene(random);
    const point = { x: random.between(0, 900), y: random.between(0, 700) };
    const zoomed = zoomAt(view, point, random.between(0.1, 10), fitted);
    const [before, after] = [screenToImage(view, spacing, point), screenToImage(zoomed, spacing, point)];
    assert.ok(Math.hypot(before.row - after.row, before.col - after.col) < 1e-6);
  });
});

test("zoom stops at its limits", () => {
  const fitted = fitView({ width: 500, height: 500 }, { rows: 100, columns: 100 }, { row: 1, column: 1 });
  assert.equal(zoomAt(fitted, { x: 1, y: 1 }, 1e9, fitted).scale, fitted.scale * 20);
  assert.equal(zoomAt(fitted, { x: 1, y: 1 }, 1e-9, fitted).scale, fitted.scale / 2);
});

test("a drawn box has whole edges, lies on the slice and is never smaller than the server accepts", () => {
  forMany((random) => {
    const { extent, spacing } = scene(random);
    assertLawful(someBox(random, extent, spacing), extent, spacing);
  });
});

test("edges snap to the nearest pixel edge", () => {
  const box = snapBox({ row: 10.4, col: 20.6 }, { row: 40.5, col: 60.4 }, { rows: 100, columns: 100 }, { row: 1, column: 1 });
  assert.deepEqual(box, [10, 21, 41, 60]);
});

test("a drag in any direction draws the same box", () => {
  const draw = (a, b) => snapBox(a, b, { rows: 100, columns: 100 }, { row: 1, column: 1 });
  const [upper, lower] = [{ row: 10, col: 20 }, { row: 40, col: 60 }];
  assert.deepEqual(draw(upper, lower), draw(lower, upper));
  assert.deepEqual(draw({ row: 10, col: 60 }, { row: 40, col: 20 }), draw(upper, lower));
});

test("moving keeps the size and stays on the slice", () => {
  forMany((random) => {
    const { extent, spacing } = scene(random);
    const box = someBox(random, extent, spacing);
    const moved = moveBox(box, random.between(-1000, 1000), random.between(-1000, 1000), extent);
    assertLawful(moved, extent, spacing);
    assert.deepEqual([moved[2] - moved[0], moved[3] - moved[1]], [box[2] - box[0], box[3] - box[1]]);
  });
});

test("a handle dragged anywhere gives a lawful box and leaves the opposite edges alone", () => {
  forMany((random) => {
    const { extent, spacing } = scene(random);
    const box = someBox(random, extent, spacing);
    const place = { row: random.between(-50, extent.rows + 50), col: random.between(-50, extent.columns + 50) };
    for (const { handle } of handlePoints({ x: 0, y: 0, width: 1, height: 1 })) {
      const resized = resizeBox(box, handle, place, extent, spacing);
      assertLawful(resized, extent, spacing);
      if (!/[ns]/.test(handle)) assert.deepEqual([resized[0], resized[2]], [box[0], box[2]]);
      if (!/[ew]/.test(handle)) assert.deepEqual([resized[1], resized[3]], [box[1], box[3]]);
    }
  });
});

test("every handle is hit at its own place, the middle is inside, far away is nothing", () => {
  const rect = { x: 100, y: 50, width: 80, height: 120 };
  for (const { handle, x, y } of handlePoints(rect)) assert.equal(hitTest(rect, { x: x + 3, y: y - 3 }), handle);
  assert.equal(hitTest(rect, { x: 140, y: 80 }), "inside");
  assert.equal(hitTest(rect, { x: 300, y: 80 }), null);
});

test("the square has equal sides in mm, holds the box, and leaves the slice only where the slice is too small", () => {
  forMany((random) => {
    const { extent, spacing } = scene(random);
    const mm = boxToMm(someBox(random, extent, spacing), spacing);
    const square = squareBox(mm, extent, spacing);
    const side = square[2] - square[0];
    assert.ok(Math.abs(side - (square[3] - square[1])) < 1e-9);
    assert.ok(Math.abs(side - Math.max(mm[2] - mm[0], mm[3] - mm[1])) < 1e-9);
    assert.ok(square[0] <= mm[0] + 1e-9 && square[1] <= mm[1] + 1e-9 && square[2] >= mm[2] - 1e-9 && square[3] >= mm[3] - 1e-9);
    const [height, width] = [extent.rows * spacing.row, extent.columns * spacing.column];
    if (side <= height) assert.ok(square[0] >= -1e-9 && square[2] <= height + 1e-9);
    if (side <= width) assert.ok(square[1] >= -1e-9 && square[3] <= width + 1e-9);
  });
});

test("the square is Python's, number by number", () => {
  assert.ok(golden.squares.length > 5);
  for (const one of golden.squares) {
    const spacing = { row: one.spacing_row, column: one.spacing_column };
    const square = squareBox(boxToMm(one.box, spacing), one, spacing);
    square.forEach((edge, i) => assert.ok(Math.abs(edge - one.square_mm[i]) < 1e-9, `${square} is not ${one.square_mm}`));
  }
});

test("the box that the key puts into the middle is 40 mm, give or take a pixel", () => {
  const spacing = { row: 0.7, column: 1.3 };
  const [r0, c0, r1, c1] = centralBox(40, { rows: 300, columns: 200 }, spacing);
  assert.ok(Math.abs((r1 - r0) * 0.7 - 40) <= 0.7 && Math.abs((c1 - c0) * 1.3 - 40) <= 1.3);
  assert.ok(Math.abs(r0 + r1 - 300) <= 1 && Math.abs(c0 + c1 - 200) <= 1);
});

test("the default slices are centred and those outside the stack are left out", () => {
  assert.deepEqual(centredSlices(7, 15, 5), [5, 6, 7, 8, 9]);
  assert.deepEqual(centredSlices(0, 15, 5), [0, 1, 2]);
  assert.deepEqual(centredSlices(14, 15, 5), [12, 13, 14]);
  assert.equal(centredSlices(30, 61, 21).length, 21);
});

test("boxes are compared by their edges", () => {
  assert.ok(sameBox([1, 2, 3, 4], [1, 2, 3, 4]));
  assert.ok(sameBox(null, null));
  assert.ok(!sameBox([1, 2, 3, 4], null));
  assert.ok(!sameBox([1, 2, 3, 4], [1, 2, 3, 5]));
});

test("a drag beside the slice misses it, one that touches it does not", () => {
  const extent = { rows: 100, columns: 60 };
  const at = (row, col) => ({ row, col });
  assert.equal(missesSlice(at(10, -30), at(50, -2), extent), true);
  assert.equal(missesSlice(at(10, 61), at(50, 90), extent), true);
  assert.equal(missesSlice(at(-9, 10), at(0, 30), extent), true);
  assert.equal(missesSlice(at(100, 10), at(130, 30), extent), true);
  assert.equal(missesSlice(at(10, -30), at(50, 4), extent), false);
  assert.equal(missesSlice(at(-10, -10), at(200, 200), extent), false);
});

test("with locked proportions a box keeps them to a pixel, stays on the slice, and its opposite corner or edge stays", () => {
  forMany((random) => {
    const { extent, spacing } = scene(random);
    const box = someBox(random, extent, spacing);
    const handle = ["nw", "n", "ne", "e", "se", "s", "sw", "w"][random.whole(0, 7)];
    const place = { row: random.between(-30, extent.rows + 30), col: random.between(-30, extent.columns + 30) };
    const kept = resizeKeeping(box, handle, place, extent, spacing);
    assert.ok(kept.every(Number.isInteger) && kept[0] >= 0 && kept[1] >= 0 && kept[2] <= extent.rows && kept[3] <= extent.columns);
    const factor = [(kept[2] - kept[0]) / (box[2] - box[0]), (kept[3] - kept[1]) / (box[3] - box[1])];
    const aPixel = 1 / Math.min(box[2] - box[0], box[3] - box[1]);
    assert.ok(Math.abs(factor[0] - factor[1]) <= aPixel + 1e-9, `${box} to ${kept} by ${handle}`);
    if (handle.includes("n")) assert.equal(kept[2], box[2]);
    if (handle.includes("s")) assert.equal(kept[0], box[0]);
    if (handle.includes("w")) assert.equal(kept[3], box[3]);
    if (handle.includes("e")) assert.equal(kept[1], box[1]);
  });
});
