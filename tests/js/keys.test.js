import assert from "node:assert/strict";
import { test } from "node:test";

import { KEYMAP } from "../../vfrac_core/ui/viewer/static/keymap.js";
import { Keys } from "../../vfrac_core/ui/viewer/static/keys.js";
import { fakeStorage } from "./fake_storage.js";

test("a key that was given away does the new thing, and only that, and is kept in the browser", () => {
  const storage = fakeStorage();
  const keys = new Keys(storage);
  assert.equal(keys.assign("mark-slice", "KeyZ"), "");
  assert.equal(keys.actionOf({ code: "KeyZ" }), "mark-slice");
  assert.equal(keys.actionOf({ code: "KeyA" }), null);
  assert.equal(keys.tooltip("mark-slice"), "Mark this slice as clearly abnormal (Z)");
  assert.equal(new Keys(storage).actionOf({ code: "KeyZ" }), "mark-slice");
});

test("a key that is taken is refused by name; the same arrow may stand for the picture and for the box", () => {
  const keys = new Keys(fakeStorage());
  assert.match(keys.assign("mark-slice", "KeyH"), /H is taken by “Show or hide the AI”/);
  assert.equal(keys.actionOf({ code: "KeyA" }), "mark-slice");
  assert.equal(keys.assign("move-up", "Home"), "");
  assert.equal(keys.actionOf({ code: "Home" }), "first-slice");
  assert.equal(keys.actionOf({ code: "Home" }, "box"), "move-up");
});

test("after a reset everything is as shipped, and listeners hear of each change", () => {
  const keys = new Keys(fakeStorage());
  let heard = 0;
  keys.onChange(() => (heard += 1));
  keys.assign("mark-slice", "KeyZ");
  keys.assignMouse(2, "zoom-tool");
  assert.equal(keys.mouse.find(({ button }) => button === 2).tool, "zoom-tool");
  keys.reset();
  assert.deepEqual(keys.table, KEYMAP.map((binding) => ({ ...binding })));
  assert.equal(keys.mouse.find(({ button }) => button === 2).tool, "window-tool");
  assert.equal(heard, 3);
});

test("what an older or foreign version kept does no harm", () => {
  for (const text of ["nonsense", "null", '{"keys": {"no-such-id": ["KeyZ"], "mark-slice": "KeyZ"}, "mouse": {"2": "no-tool", "9": "pan-tool"}}']) {
    const keys = new Keys(fakeStorage({ "vfrac.keys": text }));
    assert.equal(keys.changed, false);
    assert.equal(keys.actionOf({ code: "KeyA" }), "mark-slice");
  }
});

test("the question mark opens the help wherever it is on the keyboard", () => {
  assert.equal(new Keys().actionOf({ code: "Minus", key: "?", shiftKey: true }), "help");
});
