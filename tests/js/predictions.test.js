import assert from "node:assert/strict";
import { test } from "node:test";

import { AiSession } from "../../vfrac_core/ui/viewer/static/ai_session.js";
import { Predictions } from "../../vfrac_core/ui/viewer/static/predictions.js";

const CAM = { target: "malignant", layer: "layer4", method: "gradcam" };
const boxAt = (row) => [row, 10, row + 20, 30];
const aboutBox = (row, slice, slices = 61, own = {}) => ({ box: boxAt(row), slice, slices, own });
const settle = () => new Promise((done) => setImmediate(done));

/** A server whose answers are given by hand, and a clock that is moved by hand. */
function stage() {
  const sent = [];
  const answers = [];
  const errors = [];
  const clock = { now: 0, task: null };
  const send = (body, signal) => new Promise((resolve, reject) => {
    signal.addEventListener("abort", () => reject(Object.assign(new Error("aborted"), { name: "AbortError" })));
    sent.push({ body, signal, resolve, reject });
  });
  const predictions = new Predictions({
    send,
    onAnswer: (answer, question, purpose) => answers.push({ answer, question, purpose }),
    onError: (message) => errors.push(message),
    now: () => clock.now,
    later: (task) => { clock.task = task; return 1; },
    never: () => { clock.task = null; },
  });
  const answer = async (index = sent.length - 1, more = {}) => {
    sent[index].resolve({ seq: sent[index].body.seq, ...more });
    await settle();
  };
  return { predictions, sent, answers, errors, clock, answer };
}

test("one request is under way; of the wishes that wait only the newest is sent", async () => {
  const { predictions, sent, clock, answer } = stage();
  for (let row = 0; row < 50; row += 1) {
    clock.now += 1000;
    predictions.live(aboutBox(row, 7), 7, CAM);
  }
  assert.equal(sent.length, 1);
  await answer();
  assert.deepEqual(sent.map((one) => one.body.box[0]), [0, 49]);
});

test("while dragging only the shown slice is asked, not more often than the throttle allows", () => {
  const { predictions, sent, clock, answer } = stage();
  predictions.live(aboutBox(0, 7), 7, CAM);
  assert.deepEqual(sent[0].body, { slice: 7, box: boxAt(0), slices: [7], cam: CAM, seq: 1 });
  return answer().then(() => {
    clock.now = 10;
    predictions.live(aboutBox(1, 7), 7, CAM);
    assert.equal(sent.length, 1);
    clock.now = 70;
    clock.task();
    assert.equal(sent.length, 2);
  });
});

test("a released box does not wait for the throttle and asks the five default slices, then once the rest of the strip", async () => {
  const { predictions, sent, answers, answer } = stage();
  predictions.live(aboutBox(0, 30), 30, CAM);
  await answer();
  predictions.settled(aboutBox(1, 30, 61), CAM);
  assert.deepEqual(sent[1].body.slices, [28, 29, 30, 31, 32]);
  await answer();
  const rest = sent[2].body.slices;
  assert.equal(rest.length, 16);
  assert.deepEqual([rest[0], rest.at(-1)], [20, 40]);
  await answer();
  assert.equal(sent.length, 3);
  assert.deepEqual(answers.map((one) => one.purpose), ["live", "default", "strip"]);
});

test("a short stack, all of it default, needs no further request", async () => {
  const { predictions, sent, answer } = stage();
  predictions.settled(aboutBox(0, 2, 5), CAM);
  await answer();
  assert.equal(sent.length, 1);
});

test("a strip that was overtaken is aborted and its answer is dropped", async () => {
  const { predictions, sent, answers, answer } = stage();
  predictions.settled(aboutBox(0, 30, 61), CAM);
  await answer();
  predictions.settled(aboutBox(9, 30, 61), CAM);
  assert.ok(sent[1].signal.aborted);
  await settle();
  assert.deepEqual(sent[2].body.box, boxAt(9));
  assert.equal(answers.length, 1);
});

test("after forgetting nothing arrives, not even an answer that was under way", async () => {
  const { predictions, sent, answers, errors, answer } = stage();
  predictions.live(aboutBox(0, 7), 7, CAM);
  predictions.forget();
  await answer(0);
  assert.ok(sent[0].signal.aborted);
  assert.deepEqual([answers.length, errors.length, predictions.busy], [0, 0, false]);
});

test("an answer with another number is dropped", async () => {
  const { predictions, answers, answer } = stage();
  predictions.live(aboutBox(0, 7), 7, CAM);
  await answer(0, { seq: 99 });
  assert.equal(answers.length, 0);
});

test("an error is told, not tried again, and does not block the next wish", async () => {
  const { predictions, sent, errors, clock } = stage();
  predictions.settled(aboutBox(0, 7, 15), CAM);
  sent[0].reject(new Error("out of memory"));
  await settle();
  assert.deepEqual([errors, sent.length], [["out of memory"], 1]);
  clock.now = 1000;
  predictions.settled(aboutBox(1, 7, 15), CAM);
  assert.equal(sent.length, 2);
});

/** An AI session that answers each question at once, unless `answer` says otherwise. */
function session(mode, answer = answerTo) {
  const asked = [];
  const ai = new AiSession({
    send: async (body) => { asked.push(body); return answer(body); },
    onChange() {},
    onError(message) { throw new Error(message); },
  });
  ai.open("case-a", mode);
  return { ai, asked };
}

function answerTo(body, more = {}) {
  const slices = body.slices.map((slice) => ({ slice, probability: slice / 100, cam: { layer: "layer4", grid: [[1]] } }));
  const best = body.slices.length === 5 ? Math.max(...body.slices) : null;
  return { case: "case-a", seq: body.seq, slices, patient_probability: best && best / 100, patient_slice: best, runtime: "torch", ...more };
}

async function quiet(ai) {
  while (ai.busy) await settle();
  await settle();
}

test("off and locked ask nothing", async () => {
  for (const mode of ["off", "locked"]) {
    const { ai, asked } = session(mode);
    ai.moving(aboutBox(0, 30, 61), 30, true);
    ai.settled(aboutBox(0, 30, 61));
    await settle();
    assert.equal(asked.length, 0);
  }
});

test("the patient's number comes from the default slices alone, whatever the strip adds", async () => {
  const { ai } = session("live");
  ai.settled(aboutBox(0, 30, 61));
  await quiet(ai);
  assert.equal(ai.answers.size, 21);
  assert.deepEqual(ai.patient, { probability: 0.32, slice: 32, count: 5 });
});

test("answers of another case are dropped", async () => {
  const { ai } = session("live", (body) => answerTo(body, { case: "case-b" }));
  ai.settled(aboutBox(0, 30, 61));
  await quiet(ai);
  assert.equal(ai.answers.size, 0);
});

test("dragging forgets the patient's number at once, and a new box forgets everything", async () => {
  const { ai } = session("live");
  ai.settled(aboutBox(0, 30, 61));
  await quiet(ai);
  ai.moving(aboutBox(1, 30, 61), 30, false);
  assert.deepEqual([ai.patient, [...ai.answers.keys()]], [null, [30]]);
  ai.moving(aboutBox(40, 30, 61), 30, true);
  assert.equal(ai.answers.size, 0);
});

test("switching off, and another case, leave nothing on the screen", async () => {
  const { ai } = session("live");
  ai.settled(aboutBox(0, 30, 61));
  await quiet(ai);
  ai.setMode("off");
  assert.deepEqual([ai.answers.size, ai.patient], [0, null]);
});

test("answers of other weights are never shown beside those of the ones before", async () => {
  let more = { weights: "one", network: { trained: false, caption: "UNTRAINED" } };
  const { ai } = session("live", (body) => answerTo(body, more));
  ai.settled(aboutBox(0, 30, 61));
  await quiet(ai);
  assert.deepEqual([ai.weights.name, ai.weights.trained, ai.answers.size], ["one", false, 21]);
  more = { weights: "two", network: { trained: true, caption: "Score." } };
  ai.moving(aboutBox(0, 50, 61), 50, false);
  await quiet(ai);
  assert.deepEqual(ai.weights, { name: "two", trained: true, caption: "Score." });
  assert.deepEqual([[...ai.answers.keys()], ai.patient], [[50], null]);
  ai.open("case-b", "live");
  assert.deepEqual(ai.weights, {});
});

test("another target asks for new maps and keeps the probabilities until they come", async () => {
  const { ai, asked } = session("live");
  ai.settled(aboutBox(0, 30, 61));
  await quiet(ai);
  ai.wantCam({ target: "benign" });
  assert.equal(ai.answers.get(30).cam, null);
  assert.equal(ai.answers.get(30).probability, 0.3);
  await quiet(ai);
  assert.equal(asked.at(-1).cam.target, "benign");
  assert.equal(ai.answers.get(30).target, "benign");
});

test("opacity and the native grid ask nothing", async () => {
  const { ai, asked } = session("live");
  ai.settled(aboutBox(0, 30, 61));
  await quiet(ai);
  const before = asked.length;
  ai.wantCam({ opacity: 0.2 });
  ai.wantCam({ native: true });
  await settle();
  assert.equal(asked.length, before);
});

test("a slice with a box of its own is asked with it, and only where it is asked for", async () => {
  const { predictions, sent, answer } = stage();
  predictions.settled(aboutBox(0, 30, 61, { 31: boxAt(5), 50: boxAt(6) }), CAM);
  assert.deepEqual(sent[0].body.slice_boxes, { 31: boxAt(5) });
  assert.equal("own" in sent[0].body, false);
  await answer();
  assert.equal("slice_boxes" in sent[1].body, false); // the strip ends before slice 50
});

test("what was stored at the training has no further slices to be asked for; a live answer has", async () => {
  for (const [held, sentInAll] of [[{ fold: 0, folds: 10, live: false }, 1], [{ fold: 0, folds: 10, live: true }, 2], [null, 2]]) {
    const { predictions, sent, answer } = stage();
    predictions.settled(aboutBox(0, 30), CAM);
    await answer(0, { out_of_fold: held });
    assert.equal(sent.length, sentInAll);
  }
});
