import assert from "node:assert/strict";
import { test } from "node:test";

import { answerOn, arrowOnScreen } from "../../vfrac_core/ui/viewer/static/arrows.js";
import { imageToScreen } from "../../vfrac_core/ui/viewer/static/geometry.js";
import { forMany } from "./random.js";

const near = (a, b) => Math.abs(a - b) < 1e-6;

test("the tip stands at its place at any zoom, the shaft comes from behind it, and its length is of the screen", () => {
  forMany(({ between }) => {
    const view = { scale: between(0.5, 20), x: between(-50, 50), y: between(-50, 50) };
    const spacing = { row: between(0.5, 3), column: between(0.3, 2) };
    const angle = between(0, 2 * Math.PI);
    const arrow = { row: between(0, 90), column: between(0, 200), down: Math.sin(angle), right: Math.cos(angle) };
    const { tip, tail, wings } = arrowOnScreen(view, spacing, arrow);
    const place = imageToScreen(view, spacing, { row: arrow.row, col: arrow.column });
    assert.ok(near(tip.x, place.x) && near(tip.y, place.y));
    assert.ok(near(tip.x - tail.x, 46 * arrow.right) && near(tip.y - tail.y, 46 * arrow.down));
    assert.ok(near((wings[0].x + wings[1].x) / 2, tip.x - 12 * arrow.right));
    assert.ok(near(Math.hypot(wings[0].x - wings[1].x, wings[0].y - wings[1].y), 12));
  });
});

test("a slice has its own arrows, and the reference box where the reference is abnormal", () => {
  const answer = { arrows: [{ slice_index: 3 }, { slice_index: 4 }, { slice_index: 3 }], reference: [1, 2, 3, 4], slices: [3] };
  assert.equal(answerOn(answer, 3).arrows.length, 2);
  assert.deepEqual(answerOn(answer, 3).reference, [1, 2, 3, 4]);
  assert.equal(answerOn(answer, 4).reference, null);
});
