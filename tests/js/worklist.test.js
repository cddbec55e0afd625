import assert from "node:assert/strict";
import { test } from "node:test";

import { firstToOpen, neighbour, progressText } from "../../vfrac_core/ui/viewer/static/worklist.js";

const list = (...states) => states.map((state, i) => ({ case: `k${i}`, title: `Case ${i}`, state }));

test("the page opens at the draft that was left, else at the first case to do, else at the first", () => {
  assert.equal(firstToOpen(list("submitted", "todo", "draft")), "k2");
  assert.equal(firstToOpen(list("submitted", "todo", "todo")), "k1");
  assert.equal(firstToOpen(list("submitted", "submitted")), "k0");
  assert.equal(firstToOpen([]), null);
});

test("next and previous end at the ends of the list", () => {
  const cases = list("todo", "todo");
  assert.equal(neighbour(cases, "k0", 1), "k1");
  assert.equal(neighbour(cases, "k1", 1), null);
  assert.equal(neighbour(cases, "k0", -1), null);
  assert.equal(neighbour(cases, "gone", 1), null);
});

test("progress is told in words", () => {
  assert.equal(progressText(list("submitted", "draft", "todo")), "1 of 3 done, 1 in draft");
  assert.equal(progressText(list("todo")), "0 of 1 done");
});
