import assert from "node:assert/strict";
import { test } from "node:test";

import { CaseState } from "../../vfrac_core/ui/viewer/static/case_state.js";
import { HeightActions } from "../../vfrac_core/ui/viewer/static/height_actions.js";
import { bodiesShown, pointCount } from "../../vfrac_core/ui/viewer/static/height_task.js";
import { heightTool } from "../../vfrac_core/ui/viewer/static/height_tool.js";
import { guideText, lossText } from "../../vfrac_core/ui/viewer/static/height_words.js";
import { heightLoss } from "../../vfrac_core/ui/viewer/static/heights.js";
import { actionOf } from "../../vfrac_core/ui/viewer/static/keymap.js";
import { emptyReading, sameReading } from "../../vfrac_core/ui/viewer/static/reading.js";

const STUDY = {
  case: "one", shape: [15, 100, 100], chunk_slices: 8, spacing_mm: [3, 1, 0.5], slice: 7, box: null, marked: [],
};
/** Clicks in px at 2 px per mm: four corners of a body from one row to another, columns 20 to 80. */
const corners = (from, to) => [[from, 20], [from, 80], [to, 20], [to, 80]].map(([row, column]) => ({ x: column, y: row * 2 }));

/** A reader with the tool in the hand. */
function reader() {
  const state = new CaseState();
  state.open(STUDY);
  state.size = { width: 400, height: 400 };
  state.zoomed = { scale: 2, x: 0, y: 0 };
  const told = [];
  const host = { repaint() {}, changed: () => told.push(state.reading.heights) };
  const heights = new HeightActions(state, host, (slice) => { state.slice = slice; });
  const table = heights.table();
  const drag = (from, ...points) => {
    const drag = heightTool.begin(state, { heights }, from);
    points.forEach((point) => drag.move(point));
    drag.end();
  };
  const placed = () => pointCount(bodiesShown(state.heights, state.heightTask));
  const guide = () => guideText(state.heightTask, state.heights && heightLoss(state.heights, state.spacing), state.slice);
  return { state, told, drag, placed, guide, perform: (id) => table[id]() };
}

function measuring() {
  const one = reader();
  one.perform("height-tool");
  return one;
}

test("the reader is led from corner to corner, and the middles come with the fourth", () => {
  const { state, drag, placed, guide } = measuring();
  const said = [guide()];
  for (const point of corners(40, 60)) {
    drag(point);
    said.push(guide());
  }
  assert.deepEqual(said, [
    "Worst body: upper plate, front (1 of 4)", "Worst body: upper plate, back (2 of 4)", "Worst body: lower plate, front (3 of 4)",
    "Worst body: lower plate, back (4 of 4)", "Body above: upper plate, front (1 of 4, optional)",
  ]);
  assert.deepEqual(state.heights, { slice_index: 7, worst: [[40, 20], [40, 50], [40, 80], [60, 20], [60, 50], [60, 80]] });
  assert.equal(placed(), 6);
});

test("the host hears of whole bodies only; a measurement in the making is no part of the reading", () => {
  const { told, drag, placed } = measuring();
  corners(40, 60).slice(0, 3).forEach((point) => drag(point));
  assert.equal(placed(), 3);
  assert.ok(told.every((heights) => heights === null));
  drag(corners(40, 60)[3]);
  assert.equal(told.at(-1).worst.length, 6);
});

test("a body is measured after the other, and the loss is told", () => {
  const { state, drag, guide } = measuring();
  for (const [from, to] of [[40, 56], [10, 30], [70, 90]]) corners(from, to).forEach((point) => drag(point));
  assert.deepEqual(Object.keys(state.heights), ["slice_index", "worst", "above", "below"]);
  assert.equal(lossText(heightLoss(state.heights, state.spacing)), "loss 20.0 % anterior");
  assert.equal(guide(), "Drag to correct. Loss 20.0 % anterior.");
});

test("a body that is higher than its neighbour has lost nothing, and no place is named", () => {
  const { drag, guide, perform } = measuring();
  for (const [from, to] of [[40, 60], [20, 36]]) corners(from, to).forEach((point) => drag(point));
  perform("skip-body");
  assert.equal(guide(), "Drag to correct. No loss.");
});

test("a neighbour can be skipped, the worst body cannot; taken again, the tool asks for what is not measured", () => {
  const { state, drag, guide, perform } = measuring();
  perform("skip-body");
  assert.match(guide(), /^Worst body/);
  corners(40, 60).forEach((point) => drag(point));
  perform("skip-body");
  assert.match(guide(), /^Body below/);
  corners(70, 90).forEach((point) => drag(point));
  assert.deepEqual(Object.keys(state.heights), ["slice_index", "worst", "below"]);
  assert.equal(state.heightTask.body, null);
  perform("height-tool");
  perform("height-tool");
  assert.match(guide(), /^Body above/);
});

test("a point is dragged by its rim without a jump, and a press without a movement changes nothing", () => {
  const { state, drag } = measuring();
  corners(40, 60).forEach((point) => drag(point));
  const before = state.heights;
  drag({ x: 53, y: 82 });
  assert.equal(state.heights, before);
  drag({ x: 53, y: 82 }, { x: 55, y: 92 });
  assert.deepEqual(state.heights.worst[1], [45, 52]);
  assert.deepEqual(state.heightTask.last, { body: "worst", index: 1 });
});

test("a point stays on the slice, and a press beside the slice puts none", () => {
  const { state, drag, placed } = measuring();
  drag({ x: 150, y: 20 });
  assert.equal(placed(), 0);
  drag({ x: 50, y: 50 }, { x: 500, y: -300 });
  assert.deepEqual(state.heightTask.points[0], [0, 100]);
});

test("on another slice nothing is put or moved, and the way back is told", () => {
  const { state, drag, placed, guide, perform } = measuring();
  drag(corners(40, 60)[0]);
  state.slice = 9;
  drag(corners(40, 60)[1]);
  drag(corners(40, 60)[0], { x: 0, y: 0 });
  assert.equal(placed(), 1);
  assert.equal(guide(), "The heights are measured on slice 8.");
  perform("height-slice");
  assert.equal(state.slice, 7);
});

test("the arrows move the last point by a pixel; before there is one they go on scrolling", () => {
  const { state, drag, perform } = measuring();
  perform("point-down");
  assert.equal(state.slice, 8);
  drag({ x: 20, y: 80 });
  perform("point-down");
  perform("point-left");
  assert.deepEqual(state.heightTask.points[0], [41, 19]);
  assert.equal(state.slice, 8);
});

test("the last corner is taken back, the whole measurement removed", () => {
  const { state, told, drag, placed, perform } = measuring();
  drag(corners(40, 60)[0]);
  drag(corners(40, 60)[1]);
  perform("take-back-point");
  perform("take-back-point");
  assert.deepEqual([placed(), state.heightTask.slice], [0, null]);
  corners(40, 60).forEach((point) => drag(point));
  perform("remove-heights");
  assert.deepEqual([placed(), told.at(-1)], [0, null]);
});

test("what is locked is not measured, and is shown on its slice", () => {
  const { state, drag, told, perform } = measuring();
  corners(40, 60).forEach((point) => drag(point));
  state.leaveHeights();
  Object.assign(state, { locked: true, slice: 3 });
  const count = told.length;
  for (const id of ["height-tool", "remove-heights", "take-back-point", "skip-body"]) perform(id);
  assert.deepEqual([state.measures, state.slice, told.length, state.heights.worst.length], [false, 7, count, 6]);
});

test("another case shows nothing of the one before, and has the tool that was there before", () => {
  const { state, drag, placed } = measuring();
  corners(40, 60).forEach((point) => drag(point));
  drag(corners(10, 30)[0]);
  state.open({ ...STUDY, case: "two" });
  assert.deepEqual([state.heights, placed(), state.tool], [null, 0, "box-tool"]);
});

test("a reading that is put in its place replaces what was being measured, and the same one does not", () => {
  const { state, drag } = measuring();
  corners(40, 60).forEach((point) => drag(point));
  const kept = state.reading;
  drag(corners(10, 30)[0]);
  state.adopt(kept);
  assert.equal(state.heightTask.points.filter(Boolean).length, 1);
  state.adopt({ ...kept, heights: null });
  assert.deepEqual([state.heights, state.heightTask.body, state.heightTask.slice], [null, "worst", null]);
});

test("a measurement that went to the store and came back is the same reading", () => {
  const { state, drag } = measuring();
  for (const [from, to] of [[40, 56], [10, 30]]) corners(from, to).forEach((point) => drag(point));
  const reading = { ...emptyReading(), heights: state.heights };
  const { slice_index, worst, above } = JSON.parse(JSON.stringify(state.heights));
  assert.ok(sameReading(reading, { ...emptyReading(), heights: { slice_index, worst, above } })); // the store's order, see rows.py
});

test("K takes the tool, and with it the arrows belong to the points", () => {
  assert.equal(actionOf({ code: "KeyK" }), "height-tool");
  assert.equal(actionOf({ code: "KeyK" }, "heights"), "height-tool");
  assert.equal(actionOf({ code: "ArrowUp" }, "heights"), "point-up");
  assert.equal(actionOf({ code: "Escape" }, "heights"), "leave-box");
  assert.equal(actionOf({ code: "Enter" }, "heights"), "skip-body");
  assert.equal(actionOf({ code: "Enter" }), "save-draft");
  assert.equal(actionOf({ code: "PageDown" }, "heights"), "five-slices-on");
});
