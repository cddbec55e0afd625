import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import {
  BODIES, bodyOfCorners, COMPRESSION_THRESHOLD, CORNERS, heightLoss, heightsInMm, isCompressed, PLACES, shownPercent, withPoint,
} from "../../vfrac_core/ui/viewer/static/heights.js";
import { forMany } from "./random.js";

const close = (a, b, tolerance = 1e-9) => assert.ok(Math.abs(a - b) <= tolerance, `${a} is ${b}`);

/** A body in mm: its upper plate's middle, depth, and the three heights, standing upright. */
function body([row, column], depth, [anterior, middle, posterior]) {
  const at = (dr, dc) => [row + dr, column + dc];
  return [at(0, -depth / 2), at(0, 0), at(0, depth / 2), at(anterior, -depth / 2), at(middle, 0), at(posterior, depth / 2)];
}

const inPixels = (points, spacing) => points.map(([row, column]) => [row / spacing.row, column / spacing.column]);

/** Three bodies in mm over each other, with any heights. */
function someSpine({ between }) {
  const some = () => [between(5, 35), between(5, 35), between(5, 35)];
  return { above: body([40, 60], between(20, 40), some()), worst: body([80, 62], between(20, 40), some()), below: body([120, 65], between(20, 40), some()) };
}

const someSpacing = ({ between }) => ({ row: between(0.3, 3), column: between(0.3, 3) });

/** The measurement in pixels; each point goes through `place` in mm at first. */
function measured(spine, spacing, place = (point) => point) {
  const bodies = BODIES.filter((name) => spine[name]).map((name) => [name, inPixels(spine[name].map(place), spacing)]);
  return { slice_index: 7, ...Object.fromEntries(bodies) };
}

function assertSameLoss(a, b) {
  close(a.loss, b.loss);
  assert.equal(a.place, b.place);
  assert.deepEqual(a.compared, b.compared);
}

test("the middles are proposed halfway between the corners of their plate", () => {
  forMany(({ between }) => {
    const corners = CORNERS.map(() => [between(0, 200), between(0, 200)]);
    const six = bodyOfCorners(corners);
    CORNERS.forEach((index, i) => assert.deepEqual(six[index], corners[i]));
    for (const [front, middle, back] of [[0, 1, 2], [3, 4, 5]]) {
      for (const axis of [0, 1]) close(six[middle][axis] - six[front][axis], six[back][axis] - six[middle][axis]);
    }
  });
});

test("a proposed middle follows the corners of its plate, a middle that was moved stays; nothing is changed in place", () => {
  const six = Object.freeze(bodyOfCorners([[10, 10], [12, 50], [40, 12], [42, 52]].map(Object.freeze)));
  const moved = withPoint(six, 0, [20, 20]);
  assert.deepEqual(moved, [[20, 20], [16, 35], [12, 50], [40, 12], [41, 32], [42, 52]]);
  const own = withPoint(moved, 1, [18, 36]);
  assert.deepEqual(withPoint(own, 2, [0, 60]), [[20, 20], [18, 36], [0, 60], [40, 12], [41, 32], [42, 52]]);
  assert.deepEqual(withPoint([[1, 1], null, null, null, null, null], 0, [2, 3])[0], [2, 3]);
});

test("heights are mm, whatever the pixels are", () => {
  forMany((random) => {
    const wanted = [random.between(1, 40), random.between(1, 40), random.between(1, 40)];
    const spacing = someSpacing(random);
    heightsInMm(inPixels(body([50, 50], 30, wanted), spacing), spacing).forEach((mm, i) => close(mm, wanted[i]));
  });
});

test("the loss is the same after moving and turning the spine, with other pixels and at another size", () => {
  forMany((random) => {
    const spine = someSpine(random);
    const spacing = someSpacing(random);
    const angle = random.between(-Math.PI, Math.PI);
    const [down, right, times] = [random.between(-90, 90), random.between(-90, 90), random.between(0.2, 5)];
    const turned = ([row, column]) => [
      row * Math.cos(angle) - column * Math.sin(angle) + down, row * Math.sin(angle) + column * Math.cos(angle) + right,
    ];
    const before = heightLoss(measured(spine, spacing), spacing);
    const other = someSpacing(random);
    const after = measured(spine, other, turned);
    assertSameLoss(heightLoss(after, other), before);
    heightsInMm(after.worst, other).forEach((mm, i) => close(mm, heightsInMm(measured(spine, spacing).worst, spacing)[i]));
    assertSameLoss(heightLoss(measured(spine, spacing, (point) => point.map((mm) => mm * times)), spacing), before);
  });
});

test("a body as high as its neighbours has lost nothing, with one neighbour or both", () => {
  forMany((random) => {
    const spine = someSpine(random);
    const same = (from) => spine.worst.map(([row, column]) => [row + from, column]);
    const spacing = someSpacing(random);
    for (const around of [{ above: same(-40) }, { below: same(40) }, { above: same(-40), below: same(40) }]) {
      const { loss, compared } = heightLoss(measured({ worst: spine.worst, ...around }, spacing), spacing);
      close(loss, 0);
      assert.deepEqual(compared, Object.keys(around));
    }
  });
});

test("a known wedge loses what is known, at the place where it is", () => {
  forMany((random) => {
    const lost = random.between(0.05, 0.9);
    const place = random.whole(0, 2);
    const [upper, lower] = [random.between(15, 30), random.between(15, 30)];
    const whole = (upper + lower) / 2;
    const heights = PLACES.map((_, i) => (i === place ? whole * (1 - lost) : whole * random.between(1 - lost / 2, 1)));
    const spine = {
      above: body([40, 60], 30, [upper, upper, upper]), worst: body([80, 60], 30, heights), below: body([120, 60], 30, [lower, lower, lower]),
    };
    const spacing = someSpacing(random);
    const found = heightLoss(measured(spine, spacing), spacing);
    close(found.loss, lost);
    assert.equal(found.place, PLACES[place]);
  });
});

test("without a neighbour, or with one that has no height, there is no loss to tell", () => {
  const spacing = { row: 1, column: 1 };
  const worst = body([80, 60], 30, [20, 20, 20]);
  assert.equal(heightLoss({ slice_index: 0, worst }, spacing), null);
  assert.equal(heightLoss({ slice_index: 0, worst, above: body([40, 60], 30, [0, 0, 0]) }, spacing), null);
  const half = heightLoss({ slice_index: 0, worst, above: body([40, 60], 30, [0, 25, 40]) }, spacing);
  assert.deepEqual([half.place, half.loss], ["posterior", 0.5]);
});

test("the threshold is the paper's, and what is shown decides", () => {
  const paper = readFileSync(new URL("../../vfrac_core/paper.py", import.meta.url), "utf8");
  assert.equal(COMPRESSION_THRESHOLD, Number(/COMPRESSION_THRESHOLD: Final = ([\d.]+)/.exec(paper)[1]));
  assert.deepEqual([0.2, 0.20004, 0.2006, 0.1994, 0.35].map(isCompressed), [false, false, true, false, true]);
  assert.deepEqual([0.19996, 0.1994, -0.1, 0.3456].map(shownPercent), [20, 19.9, 0, 34.6]);
});
