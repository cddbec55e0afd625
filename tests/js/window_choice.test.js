import assert from "node:assert/strict";
import { test } from "node:test";

import { CaseState } from "../../vfrac_core/ui/viewer/static/case_state.js";
import { createWindowMemory } from "../../vfrac_core/ui/viewer/static/window_memory.js";
import { fakeStorage } from "./fake_storage.js";

const BONE = { width: 1800, center: 400 };
const study = (more = {}) => ({ case: "k", shape: [16, 2, 2], chunk_slices: 8, spacing_mm: [3, 1, 1], header_window: null, box: null, marked: [], ...more });
const chunk = (hu) => Int16Array.from({ length: 32 }, (_, i) => (i % 2 ? hu : 0)).buffer;

test("the full range that was chosen before the pixels came is there with the last of them, and not with the first", () => {
  const state = new CaseState();
  state.open(study());
  state.window = "window-full";
  assert.deepEqual(state.window, BONE);
  state.volume.put(0, chunk(100));
  assert.equal(state.presetWindow("window-full"), null);
  assert.deepEqual(state.window, BONE);
  state.volume.put(1, chunk(999));
  assert.deepEqual(state.window, { width: 1000, center: 500 });
});

test("the header's window is each case's own, and bone where there is none", () => {
  const state = new CaseState();
  state.open(study({ header_window: { width: 1510, center: 310 } }));
  state.window = "window-header";
  assert.deepEqual(state.window, { width: 1510, center: 310 });
  state.open(study());
  assert.deepEqual(state.window, BONE);
  state.window = "window-header";
  assert.deepEqual(state.window, BONE);
});

test("a preset of another version does no harm", () => {
  const storage = fakeStorage();
  createWindowMemory(storage, "owner").keep("window-liver");
  const state = new CaseState();
  state.open(study());
  state.window = createWindowMemory(storage, "owner").last();
  assert.deepEqual(state.window, BONE);
});
