import assert from "node:assert/strict";
import { test } from "node:test";

import { createHistory } from "../../vfrac_core/ui/viewer/static/history.js";
import { forMany } from "./random.js";

const same = (a, b) => a === b;

test("undo back to the start, redo to the end, whatever was done", () => {
  forMany(({ whole }) => {
    const history = createHistory(same);
    const values = [0];
    for (let step = whole(1, 20); step > 0; step -= 1) {
      const next = whole(0, 1_000_000);
      history.note(values.at(-1), next);
      if (next !== values.at(-1)) values.push(next);
    }
    let now = values.at(-1);
    for (const expected of values.slice(0, -1).reverse()) assert.equal((now = history.undo(now)), expected);
    assert.equal(history.undo(now), null);
    for (const expected of values.slice(1)) assert.equal((now = history.redo(now)), expected);
    assert.equal(history.redo(now), null);
  }, 50);
});

test("a new change ends what could be redone; nothing changed is no step", () => {
  const history = createHistory(same);
  history.note("a", "b");
  history.note("b", "b");
  assert.equal(history.undo("b"), "a");
  history.note("a", "c");
  assert.equal(history.canRedo, false);
  assert.equal(history.undo("c"), "a");
});

test("a run of changes with one name is one step; another case begins anew", () => {
  const history = createHistory(same, (_, after) => (typeof after === "string" ? "comment" : null));
  history.note(1, "h");
  history.note("h", "he");
  history.note("he", 2);
  assert.equal(history.undo(2), "he");
  assert.equal(history.undo("he"), 1);
  history.clear();
  assert.deepEqual([history.undo(1), history.redo(1)], [null, null]);
});
