import assert from "node:assert/strict";
import { test } from "node:test";

import { boxToMm, MIN_BOX_MM } from "../../vfrac_core/ui/viewer/static/geometry.js";
import {
  batchesOf, isDrawn, nearbyBoxes, placeText, SHIFTS_MM, SIZES, summaryOf, summaryText,
} from "../../vfrac_core/ui/viewer/static/stability.js";
import { StabilitySession } from "../../vfrac_core/ui/viewer/static/stability_session.js";
import { forMany } from "./random.js";

const near = (a, b, by = 1e-9) => Math.abs(a - b) < by;

function anySlice({ between, whole }) {
  const extent = { rows: whole(30, 400), columns: whole(30, 400) };
  const spacing = { row: between(0.4, 3), column: between(0.4, 3) };
  const [r0, c0] = [whole(0, extent.rows - 10), whole(0, extent.columns - 10)];
  const box = [r0, c0, whole(r0 + 8, extent.rows), whole(c0 + 8, extent.columns)];
  return { extent, spacing, box };
}

test("75 boxes, 5 × 5 shifts within 4 mm and three sizes, each once, the drawn one exactly as it is", () => {
  forMany((random) => {
    const { extent, spacing, box } = anySlice(random);
    const boxes = nearbyBoxes(box, extent, spacing);
    assert.equal(new Set(boxes.map(({ size, down, right }) => `${size} ${down} ${right}`)).size, 75);
    const drawn = boxes.filter(isDrawn);
    assert.equal(drawn.length, 1);
    assert.deepEqual(drawn[0].mm, boxToMm(box, spacing));
  });
});

test("in the middle of a large slice each is moved by its shift and has its size, in mm, whatever the pixels are", () => {
  forMany(({ between, whole }) => {
    const spacing = { row: between(0.4, 3), column: between(0.4, 3) };
    const extent = { rows: 600, columns: 600 };
    const box = [250, 240, whole(270, 350), whole(270, 350)];
    const [r0, c0, r1, c1] = boxToMm(box, spacing);
    for (const { size, down, right, mm } of nearbyBoxes(box, extent, spacing)) {
      assert.ok(near((mm[0] + mm[2]) / 2, (r0 + r1) / 2 + down) && near((mm[1] + mm[3]) / 2, (c0 + c1) / 2 + right));
      assert.ok(near(mm[2] - mm[0], size * (r1 - r0)) && near(mm[3] - mm[1], size * (c1 - c0)));
    }
  });
});

test("none leaves the slice and none is smaller than the server takes; the others do not exist", () => {
  forMany((random) => {
    const { extent, spacing, box } = anySlice(random);
    for (const { mm } of nearbyBoxes(box, extent, spacing)) {
      if (!mm) continue;
      assert.ok(mm[0] >= 0 && mm[1] >= 0 && mm[2] <= extent.rows * spacing.row && mm[3] <= extent.columns * spacing.column);
      assert.ok(Math.min(mm[2] - mm[0], mm[3] - mm[1]) >= MIN_BOX_MM - 1e-6);
    }
  });
  const smallest = nearbyBoxes([10, 10, 13, 13], { rows: 90, columns: 90 }, { row: 1, column: 1 });
  assert.equal(smallest.filter(({ mm }) => mm).length, 50);
});

test("each request is one row of shifts, at most five boxes, and together they are all that exist", () => {
  forMany((random) => {
    const { extent, spacing, box } = anySlice(random);
    const boxes = nearbyBoxes(box, extent, spacing);
    const batches = batchesOf(boxes);
    const existing = boxes.flatMap(({ mm }, i) => (mm ? [i] : []));
    assert.deepEqual(batches.flat(), existing);
    for (const batch of batches) {
      assert.ok(batch.length >= 1 && batch.length <= SHIFTS_MM.length);
      assert.equal(new Set(batch.map((i) => `${boxes[i].size} ${boxes[i].down}`)).size, 1);
    }
  });
});

test("the summary holds the centre within its range, and counts only the other side of 0.5", () => {
  forMany(({ between, whole }) => {
    const boxes = nearbyBoxes([20, 20, 60, 60], { rows: 200, columns: 200 }, { row: 1, column: 1 });
    const probabilities = boxes.map((box) => (isDrawn(box) || whole(0, 9) ? between(0, 1) : null));
    const known = probabilities.filter((one) => one !== null);
    const { centre, low, high, n, across } = summaryOf(boxes, probabilities);
    assert.ok(low <= centre && centre <= high && n === known.length);
    assert.ok(known.every((one) => one >= low && one <= high) && known.includes(low) && known.includes(high));
    assert.equal(across, known.filter((one) => (centre >= 0.5 ? one < 0.5 : one >= 0.5)).length);
  });
});

test("without the drawn box's own answer there is no summary", () => {
  const boxes = nearbyBoxes([20, 20, 60, 60], { rows: 200, columns: 200 }, { row: 1, column: 1 });
  assert.equal(summaryOf(boxes, boxes.map(() => null)), null);
});

test("the summary and the places in words", () => {
  const all = { centre: 0.62, low: 0.41, high: 0.78, n: 75, across: 9 };
  assert.equal(summaryText(all), "0.62 at your box; 0.41–0.78 over 75 nearby boxes; 9 of 75 on the other side of 0.5.");
  assert.match(summaryText({ ...all, n: 50, across: 0 }), /over 50 nearby boxes \(25 more would leave the slice or be too small\); 0 of 50/);
  assert.equal(placeText({ size: 1, down: 0, right: 0 }), "your box");
  assert.equal(placeText({ size: 0.8, down: -2, right: 4 }), "box × 0.8, 2 mm up, 4 mm back");
  assert.deepEqual(SIZES, [0.8, 1, 1.25]);
});

const QUESTION = { case: "case-a", box: [20, 20, 60, 60], slice: 7, extent: { rows: 200, columns: 200 }, spacing: { row: 1, column: 1 } };
const settle = () => new Promise((done) => setImmediate(done));

/** A session whose requests are answered by hand. */
function stage() {
  const sent = [];
  const send = (body, signal) => new Promise((resolve, reject) => {
    const aborted = () => reject(Object.assign(new Error("aborted"), { name: "AbortError" }));
    signal.addEventListener("abort", aborted);
    sent.push({ body, signal, reject, resolve: (answer) => { signal.removeEventListener("abort", aborted); resolve(answer); } });
  });
  const session = new StabilitySession({ send, onChange() {} });
  const answer = async (caseId = "case-a") => {
    sent.at(-1).resolve({ case: caseId, probabilities: sent.at(-1).body.boxes_mm.map((_, i) => (40 + i) / 100) });
    await settle();
  };
  return { session, sent, answer };
}

test("15 requests of five, one after the other, and the range only when all are answered", async () => {
  const { session, sent, answer } = stage();
  session.run(QUESTION);
  for (let done = 0; done < 15; done += 1) {
    assert.equal(sent.length, done + 1);
    assert.deepEqual([session.progress, session.summary], [{ done: 5 * done, all: 75 }, null]);
    assert.equal(sent[done].body.slice, 7);
    await answer();
  }
  assert.deepEqual([sent.length, session.state], [15, "done"]);
  assert.deepEqual(session.summary, { centre: 0.42, low: 0.4, high: 0.44, n: 75, across: 0 });
});

test("stopped: what is under way is aborted, nothing more is asked, and there is no range", async () => {
  const { session, sent, answer } = stage();
  session.run(QUESTION);
  await answer();
  session.stop();
  await settle();
  assert.ok(sent[1].signal.aborted);
  assert.deepEqual([sent.length, session.state, session.summary, session.progress.done], [2, "stopped", null, 5]);
});

test("cleared: nothing of it remains, and a late answer is dropped", async () => {
  const { session, sent, answer } = stage();
  session.run(QUESTION);
  await answer();
  session.clear();
  sent[1].resolve({ case: "case-a", probabilities: [0, 0, 0, 0, 0] });
  await settle();
  assert.deepEqual([session.state, session.boxes, session.probabilities, sent.length], ["idle", [], [], 2]);
});

test("a second run takes the place of the first", async () => {
  const { session, sent, answer } = stage();
  session.run(QUESTION);
  session.run({ ...QUESTION, box: [30, 30, 60, 60] });
  await settle();
  assert.ok(sent[0].signal.aborted);
  for (let i = 0; i < 15; i += 1) await answer();
  assert.deepEqual([session.state, sent.length], ["done", 16]);
});

test("an error, and an answer for another case, end it with a sentence", async () => {
  const failed = stage();
  failed.session.run(QUESTION);
  failed.sent[0].reject(new Error("the AI is off"));
  await settle();
  assert.deepEqual([failed.session.state, failed.session.problem], ["failed", "the AI is off"]);
  const foreign = stage();
  foreign.session.run(QUESTION);
  await foreign.answer("case-b");
  assert.deepEqual([foreign.session.state, foreign.session.summary], ["failed", null]);
});
