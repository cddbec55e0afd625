import assert from "node:assert/strict";
import { test } from "node:test";

import { AiSession } from "../../vfrac_core/ui/viewer/static/ai_session.js";
import { camPixels } from "../../vfrac_core/ui/viewer/static/cam.js";
import { mapText } from "../../vfrac_core/ui/viewer/static/readout.js";
import { SignTeller, answersFor, evidenceOf, signAnswers, targetAfterClick, targetWords } from "../../vfrac_core/ui/viewer/static/sign_answers.js";

const SIGNS = [{ name: "bone_destruction", label: "Bone destruction" }, { name: "multiple_segments", label: "Multiple segments" }];
const CASE = { bone_destruction: 0.834, multiple_segments: 0.02 };
const live = (more = {}) => ({ mode: "live", knowsSigns: true, signs: CASE, patient: { count: 5 }, cam: { target: "malignant" }, weights: { name: "demo" }, ...more });
const settle = () => new Promise((done) => setImmediate(done));

test("each sign has its number, and the tooltip says of what and from which weights", () => {
  const answers = signAnswers(SIGNS, live());
  assert.deepEqual(Object.keys(answers), ["bone_destruction", "multiple_segments"]);
  assert.deepEqual(answers.bone_destruction, {
    text: "AI 0.83", share: 0.834, pressed: false,
    title: "Bone destruction: highest of the five slices. Weights: demo. Click for its map.", spoken: "AI 0.83, map of bone destruction",
  });
});

test("nothing is said while the AI is off or locked, nor by weights without a sign head", () => {
  for (const more of [{ mode: "off" }, { mode: "locked" }, { knowsSigns: false, signs: null }]) assert.equal(signAnswers(SIGNS, live(more)), null);
});

test("the host is told of each change once, and that nothing is said any more", () => {
  const told = [];
  const teller = new SignTeller(SIGNS, (answers) => told.push(answers));
  teller.tell(null);
  teller.tell(live());
  teller.tell(live());
  teller.tell(live({ cam: { target: "bone_destruction" } }));
  teller.tell(live({ mode: "off" }));
  assert.deepEqual(told, [signAnswers(SIGNS, live()), signAnswers(SIGNS, live({ cam: { target: "bone_destruction" } })), null]);
});

test("an answer that is on its way has its place and no number", () => {
  assert.deepEqual(signAnswers(SIGNS, live({ signs: null })), { bone_destruction: null, multiple_segments: null });
});

test("at the stack's ends fewer than five slices are counted, and the tooltip says so", () => {
  assert.match(signAnswers(SIGNS, live({ patient: { count: 3 } })).bone_destruction.title, /: highest of the three slices\./);
});

test("the sign whose map is shown is pressed, and no other", () => {
  const answers = signAnswers(SIGNS, live({ cam: { target: "multiple_segments" } }));
  assert.deepEqual([answers.bone_destruction.pressed, answers.multiple_segments.pressed], [false, true]);
  assert.match(answers.multiple_segments.title, /Click for the malignant map/);
});

test("a click shows the sign's map, a second one the malignant one, and another sign's takes its place", () => {
  assert.equal(targetAfterClick("malignant", "bone_destruction"), "bone_destruction");
  assert.equal(targetAfterClick("benign", "bone_destruction"), "bone_destruction");
  assert.equal(targetAfterClick("bone_destruction", "bone_destruction"), "malignant");
  assert.equal(targetAfterClick("bone_destruction", "multiple_segments"), "multiple_segments");
});

test("maps are named as people name them", () => {
  assert.equal(targetWords(SIGNS, "bone_destruction"), "bone destruction");
  assert.equal(targetWords(SIGNS, "benign"), "benign");
  const answer = { probability: 0.9, signs: CASE };
  assert.equal(mapText("bone destruction", { ...answer, target: "bone_destruction" }), "CAM: bone destruction, 0.83 on this slice");
  assert.equal(mapText("malignant", { ...answer, target: "malignant" }), "CAM: malignant");
  assert.equal(mapText("malignant", { probability: 0.9, signs: null, target: "malignant" }), "CAM: malignant");
});

test("a map is faded by the evidence of what it speaks for", () => {
  const answer = { probability: 0.9, signs: { bone_destruction: 0.25, multiple_segments: 0 } };
  assert.equal(evidenceOf(answer, "malignant"), 0.9);
  assert.ok(Math.abs(evidenceOf(answer, "benign") - 0.1) < 1e-12);
  assert.equal(evidenceOf(answer, "bone_destruction"), 0.25);
  assert.equal(evidenceOf(answer, "multiple_segments"), 0);
  assert.equal(evidenceOf({ probability: 0.9, signs: null }, "bone_destruction"), 0);
  const alphas = (target) => [...camPixels([[0, 1], [2, 4]], { ...answer, target, opacity: 0.6, smooth: false }).data].filter((_, i) => i % 4 === 3);
  assert.deepEqual(alphas("bone_destruction"), [0, 1, 2, 4].map((value) => Math.round(255 * 0.6 * 0.25 * (value / 4))));
  assert.deepEqual(alphas("multiple_segments"), [0, 0, 0, 0]);
});

test("the strip has the sign's probabilities while its map is shown, of the slices that have one", () => {
  const answers = new Map([[7, { probability: 0.9, signs: CASE }], [8, { probability: 0.8, signs: null }]]);
  assert.equal(answersFor(SIGNS, answers, "malignant"), answers);
  assert.equal(answersFor(SIGNS, answers, "benign"), answers);
  assert.deepEqual([...answersFor(SIGNS, answers, "bone_destruction")], [[7, { probability: 0.834 }]]);
});

/** A live session about one box, and the questions that it asked; the last of them can be answered by hand. */
function session() {
  const asked = [];
  const ai = new AiSession({
    send: (body) => new Promise((resolve) => asked.push({ body, answer: (more = {}) => { resolve(answerTo(body, more)); return settle(); } })),
    onChange() {}, onError() {},
  });
  ai.open("case-a", "live");
  ai.settled({ box: [0, 0, 20, 20], slice: 2, slices: 5, own: {} });
  return { ai, asked };
}

const answerTo = ({ seq, slices, cam }, more) => ({
  case: "case-a", seq, weights: "demo", runtime: "torch", patient_probability: 0.5, patient_slice: 2, patient_signs: CASE,
  slices: slices.map((slice) => ({ slice, probability: 0.5, signs: CASE, cam: { layer: "layer4", grid: [[cam.target.length]] } })), ...more,
});

test("the case's signs come with the answer and go with the box", async () => {
  const { ai, asked } = session();
  assert.deepEqual([ai.signs, ai.knowsSigns], [null, false]);
  await asked[0].answer();
  assert.deepEqual([ai.signs, ai.knowsSigns], [CASE, true]);
  assert.deepEqual(ai.answers.get(2).signs, CASE);
  ai.moving({ box: [1, 0, 21, 20], slice: 2, slices: 5, own: {} }, 2, false);
  assert.deepEqual([ai.signs, ai.knowsSigns], [null, true]);
});

test("weights without a sign head leave nothing", async () => {
  const { ai, asked } = session();
  await asked[0].answer({ patient_signs: null });
  assert.deepEqual([ai.signs, ai.knowsSigns], [null, false]);
});

test("the numbers stay while a sign's map is asked for", async () => {
  const { ai, asked } = session();
  await asked[0].answer();
  ai.wantCam({ target: "bone_destruction" });
  assert.deepEqual(ai.signs, CASE);
  assert.equal(asked.at(-1).body.cam.target, "bone_destruction");
  assert.equal(ai.answers.get(2).cam, null);
});

test("a map that is no longer wanted is not shown when it comes late", async () => {
  const { ai, asked } = session();
  ai.wantCam({ target: "bone_destruction" }); // the first question is still under way
  await asked[0].answer();
  assert.equal(ai.answers.get(2).cam, null);
  await asked[1].answer();
  assert.deepEqual([ai.answers.get(2).target, ai.answers.get(2).cam.grid], ["bone_destruction", [["bone_destruction".length]]]);
});

test("another case, and the AI switched off, begin with the malignant map again; benign stays", async () => {
  for (const leave of [(ai) => ai.open("case-b", "live"), (ai) => ai.setMode("off")]) {
    const { ai, asked } = session();
    await asked[0].answer();
    ai.wantCam({ target: "bone_destruction" });
    leave(ai);
    assert.deepEqual([ai.cam.target, ai.signs, ai.knowsSigns], ["malignant", null, false]);
    ai.wantCam({ target: "benign" });
    leave(ai);
    assert.equal(ai.cam.target, "benign");
  }
});
