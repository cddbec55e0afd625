import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { boxTool } from "../../vfrac_core/ui/viewer/static/box_tool.js";
import { actionOf, isTyping, KEYMAP, keyLabel } from "../../vfrac_core/ui/viewer/static/keymap.js";
import { Keys } from "../../vfrac_core/ui/viewer/static/keys.js";
import { badgesOf, captionText, outOfFoldText, patientText, sliceText } from "../../vfrac_core/ui/viewer/static/readout.js";
import { createWheel, scrollTool } from "../../vfrac_core/ui/viewer/static/scroll_tool.js";
import { maximumOf, sliceAtX, slotOf, stripBars } from "../../vfrac_core/ui/viewer/static/strip.js";
import { windowTool } from "../../vfrac_core/ui/viewer/static/window_tool.js";

test("no key stands for two things in the same situation, and every id is there once", () => {
  const claims = KEYMAP.flatMap((binding) => binding.keys.map((key) => `${binding.when ?? "always"} ${key}`));
  assert.equal(new Set(claims).size, claims.length);
  assert.equal(new Set(KEYMAP.map((binding) => binding.id)).size, KEYMAP.length);
});

test("the keys are those of the reading room", () => {
  const press = (code, more = {}) => actionOf({ code, ...more });
  const expected = {
    ArrowUp: "previous-slice", ArrowDown: "next-slice", PageUp: "five-slices-back", PageDown: "five-slices-on", Home: "first-slice",
    End: "last-slice", Digit1: "window-bone", Digit5: "window-full", KeyR: "box-tool", KeyS: "scroll-tool", KeyH: "toggle-ai", Space: "reset-view",
    KeyC: "sign-vertebral_compression", KeyX: "sign-bone_cortex_interruption", KeyM: "sign-paravertebral_soft_tissue_mass",
    KeyT: "sign-transverse_fracture_line", KeyG: "sign-multiple_segments", KeyD: "sign-bone_destruction",
    KeyB: "diagnosis-benign", KeyV: "diagnosis-malignant", Enter: "save-draft", KeyN: "next-case", KeyP: "previous-case", KeyL: "focus-level",
    KeyF: "toggle-flag",
  };
  for (const [code, id] of Object.entries(expected)) assert.equal(press(code), id);
  assert.equal(press("Digit3", { shiftKey: true }), "confidence-3");
  assert.equal(press("KeyN", { shiftKey: true }), "next-unread");
  assert.equal(press("Enter", { ctrlKey: true }), "submit");
  assert.equal(press("Enter", { metaKey: true }), "submit");
  assert.equal(press("F5"), null);
});

test("the signs' names and letters are the program's", () => {
  const signs = readFileSync(new URL("../../vfrac_core/signs.py", import.meta.url), "utf8");
  const inPython = [...signs.matchAll(/Sign\(\s*"(\w+)",\s*"(\w)",/g)].map(([, name, letter]) => [`sign-${name}`, `Key${letter}`]);
  const here = KEYMAP.filter(({ id }) => id.startsWith("sign-")).map(({ id, keys }) => [id, keys[0]]);
  assert.equal(inPython.length, 6);
  assert.deepEqual(here, inPython);
});

test("arrows scroll, or move the box while it is selected", () => {
  assert.equal(actionOf({ code: "ArrowUp" }), "previous-slice");
  assert.equal(actionOf({ code: "ArrowUp" }, "box"), "move-up");
  assert.equal(actionOf({ code: "ArrowLeft", shiftKey: true }, "box"), "move-left-far");
  assert.equal(actionOf({ code: "ArrowDown", ctrlKey: true }, "box"), "resize-down");
  assert.equal(actionOf({ code: "ArrowLeft" }), null);
  assert.equal(actionOf({ code: "PageUp" }, "box"), "five-slices-back");
});

test("keys are written for people", () => {
  assert.equal(keyLabel("Ctrl+Shift+ArrowUp"), "Ctrl+Shift+↑");
  assert.equal(keyLabel("Shift+Slash"), "?");
});

test("text fields are for typing, radio buttons and the picture are not", () => {
  const inside = (selector, type) => ({ closest: (wanted) => (wanted.split(", ").includes(selector) ? { type } : null) });
  assert.ok(isTyping(inside("textarea")));
  assert.ok(isTyping(inside("input", "text")));
  assert.ok(!isTyping(inside("input", "radio")));
  assert.ok(!isTyping(inside("canvas")));
  assert.ok(!isTyping(null));
});

const answers = new Map([[5, { probability: 0.2 }], [6, { probability: 0.7 }], [7, { probability: 0.7 }], [9, { probability: 0.99 }]]);

test("the strip marks the maximum of the default slices, never of the others", () => {
  const bars = stripBars({ slices: 12, slice: 5, marked: [6, 7], defaults: [5, 6, 7], answers });
  assert.deepEqual(bars.filter((bar) => bar.maximum).map((bar) => bar.slice), [6]);
  assert.deepEqual(bars.filter((bar) => bar.filled).map((bar) => bar.slice), [5, 6, 7]);
  assert.deepEqual(bars.filter((bar) => bar.marked).map((bar) => bar.slice), [6, 7]);
  assert.deepEqual(bars.filter((bar) => bar.shown).map((bar) => bar.slice), [5]);
  assert.deepEqual([bars[9].probability, bars[9].filled, bars[0].probability], [0.99, false, null]);
  assert.equal(maximumOf([1, 2], answers), null);
});

test("the ends of a run of marked slices are paler; a run of two has none", () => {
  const edges = (marked) => stripBars({ slices: 12, slice: 0, marked, defaults: [], answers: new Map() }).filter((bar) => bar.edge).map((bar) => bar.slice);
  assert.deepEqual(edges([3, 4, 5, 6]), [3, 6]);
  assert.deepEqual(edges([3, 4, 5, 8]), [3, 5]);
  assert.deepEqual(edges([3, 4]), []);
});

test("a click in the middle of a bar's place goes to its slice; beyond the ends to the last ones", () => {
  for (const [width, slices] of [[358, 122], [700, 15], [300, 300]]) {
    for (let index = 0; index < slices; index += 1) {
      const slot = slotOf(index, width, slices);
      assert.equal(sliceAtX(slot.x + slot.width / 2, width, slices), index);
    }
    assert.equal(sliceAtX(-5, width, slices), 0);
    assert.equal(sliceAtX(width + 5, width, slices), slices - 1);
  }
});

test("one notch is one slice, whatever the browser calls a notch; small steps add up", () => {
  for (const notch of [100, 120]) {
    for (let count = 1; count <= 5; count += 1) {
      assert.equal(createWheel()({ deltaMode: 0, deltaY: notch * count }), count);
      assert.equal(createWheel()({ deltaMode: 0, deltaY: -notch * count }), -count);
    }
  }
  assert.equal(createWheel()({ deltaMode: 1, deltaY: 3 }), 1); // Firefox: three lines
  const wheel = createWheel();
  const steps = Array.from({ length: 22 }, () => wheel({ deltaMode: 0, deltaY: 5 })).reduce((sum, step) => sum + step, 0);
  assert.equal(steps, 2);
});

/** 100 × 100 pixels of 1 mm at 2 px per mm. */
const STATE = {
  slice: 7, slices: 15, extent: { rows: 100, columns: 100 }, spacing: { row: 1, column: 1 }, size: { width: 400, height: 360 },
  view: { scale: 2, x: 0, y: 0 }, window: { width: 400, center: 40 }, shownBox: [10, 10, 40, 40],
};

/** What a tool did during a drag along these points. */
function dragWith(tool, from, ...points) {
  const done = [];
  const noted = (what) => (...details) => done.push([what, ...details]);
  const actions = {
    editBox: noted("edit"), releaseBox: noted("release"), selectBox: noted("select"), showSlice: noted("slice"), setWindow: noted("window"),
  };
  const drag = tool.begin(STATE, actions, from);
  points.forEach((point) => drag.move(point));
  drag.end();
  return done;
}

test("a left-drag beside the box draws a new one and releases it once", () => {
  const done = dragWith(boxTool, { x: 100, y: 100 }, { x: 120, y: 110 }, { x: 160, y: 140 });
  assert.deepEqual(done.at(-2), ["edit", [50, 50, 70, 80], { fresh: false }]);
  assert.deepEqual(done.filter(([what, , options]) => what === "edit" && options.fresh).length, 1);
  assert.deepEqual(done.filter(([what]) => what === "release").length, 1);
});

test("a left-drag in the box moves it, on a handle resizes it", () => {
  assert.deepEqual(dragWith(boxTool, { x: 50, y: 50 }, { x: 70, y: 30 })[0][1], [0, 20, 30, 50]);
  assert.deepEqual(dragWith(boxTool, { x: 80, y: 80 }, { x: 100, y: 120 })[0][1], [10, 10, 60, 50]);
});

test("a click draws nothing: in the box it selects, beside it leaves", () => {
  assert.deepEqual(dragWith(boxTool, { x: 50, y: 50 }, { x: 51, y: 51 }), [["select", true]]);
  assert.deepEqual(dragWith(boxTool, { x: 190, y: 190 }), [["select", false]]);
});

test("right-drag sets the window from where it began, scroll mode turns the way into slices", () => {
  const done = dragWith(windowTool, { x: 0, y: 0 }, { x: 5, y: 5 }, { x: 10, y: -20 });
  assert.deepEqual(done.at(-2), ["window", { width: 410, center: 20 }]);
  assert.deepEqual(done.at(-1), ["window", STATE.window, { chosen: true }]); // at its end it is kept for the next case
  assert.deepEqual(dragWith(scrollTool, { x: 0, y: 100 }, { x: 0, y: 148 }).at(-1), ["slice", 9]);
});

test("the read-out says what there is, in the order of the rules", () => {
  const state = { mode: "live", hasBox: true, busy: false, slice: 11, probability: 0.734 };
  const patient = { probability: 0.812, slice: 12, count: 5 };
  assert.equal(sliceText(state) + patientText(patient), "Malignant 0.73 (slice 12) ·\u00a0patient 0.81 (max of 5, slice 13)");
  assert.match(sliceText({ ...state, mode: "locked" }), /Locked/);
  assert.match(sliceText({ ...state, mode: "off" }, new Keys()), /Off. Press H/);
  assert.match(sliceText({ ...state, hasBox: false }, new Keys()), /Draw a box around the vertebra \(R\)/);
  assert.match(sliceText({ ...state, probability: null }), /not asked/);
  assert.equal(patientText(null), "");
});

test("the number of a case that the network has learned from says whose it is", () => {
  assert.equal(outOfFoldText({ fold: 3, folds: 10, live: true }), " ·\u00a0out of fold (fold 4 of 10)");
  assert.equal(outOfFoldText(null), "");
});

test("synthetic images and untrained weights always say so", () => {
  assert.deepEqual(badgesOf({ synthetic: true, weights: { trained: false } }), ["SYNTHETIC", "UNTRAINED"]);
  assert.deepEqual(badgesOf({ synthetic: false, weights: { trained: true } }), []);
  assert.deepEqual(badgesOf({ synthetic: false, weights: { trained: true } }, { trained: false }), ["UNTRAINED"]);
  assert.deepEqual(badgesOf({ synthetic: false, weights: { trained: false } }, { trained: true }), []);
});

test("the runtime's name stands beside the weights'", () => {
  assert.equal(captionText({ caption: "Uncalibrated.", name: "demo" }, "onnxruntime"), "Uncalibrated. Weights: demo, onnxruntime.");
});
