import assert from "node:assert/strict";
import { test } from "node:test";

import { mapPixels } from "../../vfrac_core/ui/viewer/static/cam.js";
import { CompareSession, highestOf, pairOf } from "../../vfrac_core/ui/viewer/static/compare_session.js";
import { actionOf } from "../../vfrac_core/ui/viewer/static/keymap.js";
import { forMany } from "./random.js";

const QUESTION = { case: "case-a", box: [10, 10, 40, 40], boxSlice: 6, slice: 7, method: "gradcam" };
const settle = () => new Promise((done) => setImmediate(done));
const answerFor = (grid, probability = 0.7) => ({ probability, cam: { layer: "layer4", grid } });

test("the key is W", () => assert.equal(actionOf({ code: "KeyW" }), "compare"));

test("equal values have equal colour and strength in both maps, and the highest of both is full heat", () => {
  forMany(({ between }) => {
    const grid = (most) => Array.from({ length: 4 }, () => Array.from({ length: 4 }, () => between(0, most)));
    const shared = between(0, 1);
    const [malignant, benign] = [grid(3), grid(1)];
    malignant[0][0] = benign[3][3] = shared;
    const pair = pairOf([answerFor(malignant), answerFor(benign)]);
    const paint = (target) => mapPixels(pair.grids[target], { most: pair.most, strength: 0.6, smooth: false }).data;
    const [left, right] = [paint("malignant"), paint("benign")];
    assert.deepEqual(left.slice(0, 4), right.slice(-4));
    const alphas = [...left, ...right].filter((_, i) => i % 4 === 3);
    assert.equal(Math.max(...alphas), Math.round(255 * 0.6));
    assert.equal(pair.most, Math.max(highestOf(malignant), highestOf(benign)));
  });
});

test("both maps are asked for the shown slice and the drawn box, malignant first", async () => {
  const asked = [];
  const send = async (body) => {
    asked.push(body);
    return { case: "case-a", slices: [answerFor([[body.cam.target === "benign" ? 1 : 4]])] };
  };
  const session = new CompareSession({ send, onChange() {} });
  await session.ask(QUESTION);
  const cam = (target) => ({ target, layer: "layer4", method: "gradcam" });
  assert.deepEqual(asked, ["malignant", "benign"].map((target) => ({ slice: 6, box: QUESTION.box, slices: [7], cam: cam(target) })));
  assert.deepEqual(session.pair, { probability: 0.7, grids: { malignant: [[4]], benign: [[1]] }, most: 4 });
  assert.equal(session.busy, false);
});

test("cleared while it asks: the second map is not asked for and nothing is shown", async () => {
  const sent = [];
  const send = (body, signal) => new Promise((resolve) => sent.push({ signal, resolve }));
  const session = new CompareSession({ send, onChange() {} });
  session.ask(QUESTION);
  session.clear();
  sent[0].resolve({ case: "case-a", slices: [answerFor([[1]])] });
  await settle();
  assert.ok(sent[0].signal.aborted);
  assert.deepEqual([sent.length, session.pair, session.busy], [1, null, false]);
});

test("an error and an answer for another case are told", async () => {
  const refused = new CompareSession({ send: async () => { throw new Error("the AI is off"); }, onChange() {} });
  await refused.ask(QUESTION);
  assert.deepEqual([refused.problem, refused.pair], ["the AI is off", null]);
  const foreign = new CompareSession({ send: async () => ({ case: "case-b", slices: [answerFor([[1]])] }), onChange() {} });
  await foreign.ask(QUESTION);
  assert.equal(foreign.pair, null);
});
