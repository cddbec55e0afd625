import assert from "node:assert/strict";
import { test } from "node:test";

import { AnswerSession, bestSlice, drawingOf, sliceOf } from "../../vfrac_core/ui/viewer/static/answer_session.js";

const ANSWER = {
  number: 1, title: "T", sentences: ["seen", "means"], difficulty: 1,
  truth: { slice_index: 7, box: [1, 2, 3, 4], marked_slices: [6, 7], signs: { bone_destruction: "present" } },
  arrows: [{ sign: "bone_destruction", finding: null, slice_index: 9 }, { sign: null, finding: "gas cleft", slice_index: 3 }],
};

/** A server that answers when it is told to, and a browser that remembers. */
function setUp({ seen = [] } = {}) {
  const asked = [], noted = [...seen], pending = [];
  const ask = (how) => (caseId) => new Promise((resolve, reject) => { asked.push(`${how} ${caseId}`); pending.push({ resolve, reject }); });
  const session = new AnswerSession({
    show: ask("show"), again: ask("again"), onChange: () => {},
    seen: { note: (caseId) => noted.push(caseId), has: (caseId) => noted.includes(caseId) },
  });
  return { session, asked, noted, answer: (content = { answer: ANSWER }) => pending.shift().resolve(content), fail: () => pending.shift().reject(new Error("away")) };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

test("nothing is asked for until the reader wants it", async () => {
  const { session, asked } = setUp();
  await session.open("k", "closed");
  assert.ok(session.offered);
  assert.equal(session.answer, null);
  assert.deepEqual(asked, []);
});

test("what is asked for is noted in the browser before the server says anything", async () => {
  const { session, asked, noted, answer } = setUp();
  await session.open("k", "closed");
  const shown = session.show();
  assert.deepEqual([asked, noted], [["show k"], ["k"]]);
  answer();
  await shown;
  assert.equal(session.answer, ANSWER);
  assert.equal(session.offered, false);
});

test("while nothing can be asked for the key does nothing", async () => {
  const { session, asked } = setUp();
  await session.open("k", "none");
  session.toggle();
  assert.deepEqual(asked, []);
});

test("the key shows the answer, then switches its arrows", async () => {
  const { session, asked, answer } = setUp();
  await session.open("k", "closed");
  session.toggle();
  session.toggle(); // in a hurry: asked once
  answer();
  await settled();
  assert.deepEqual(asked, ["show k"]);
  session.toggle();
  assert.equal(session.arrowsShown, false);
  session.toggle();
  assert.equal(session.arrowsShown, true);
});

test("who may see it already gets it again without asking; a case without one has none", async () => {
  const { session, asked, noted, answer } = setUp();
  const opened = session.open("k", "open");
  answer({ answer: null });
  await opened;
  assert.equal(session.answer, null);
  assert.deepEqual([asked, noted], [["again k"], []]);
});

test("what this browser was shown before a name was given is shown again", async () => {
  const { session, asked, answer } = setUp({ seen: ["k"] });
  const opened = session.open("k", "closed");
  answer();
  await opened;
  assert.deepEqual(asked, ["show k"]);
  assert.equal(session.answer, ANSWER);
});

test("an answer that comes after the reader went on is not shown", async () => {
  const { session, answer } = setUp();
  await session.open("k", "closed");
  const late = session.show();
  await session.open("l", "closed");
  answer();
  await late;
  assert.equal(session.answer, null);
  assert.ok(session.offered);
});

test("a server that is away is told in words, and can be asked again", async () => {
  const { session, fail, answer } = setUp();
  await session.open("k", "closed");
  const first = session.show();
  fail();
  await first;
  assert.match(session.problem, /not loaded: away/);
  const second = session.show();
  answer();
  await second;
  assert.equal(session.problem, "");
  assert.equal(session.answer, ANSWER);
});

test("signs lead to their slices, the answer to the slice of its box, and arrows carry the letter of their sign", () => {
  assert.equal(sliceOf(ANSWER, "bone_destruction"), 9);
  assert.equal(sliceOf(ANSWER, "multiple_segments"), null);
  assert.equal(bestSlice(ANSWER), 7);
  const drawing = drawingOf(ANSWER, [{ name: "bone_destruction", key: "D" }]);
  assert.deepEqual(drawing.arrows.map(({ letter }) => letter), ["D", "!"]);
  assert.deepEqual([drawing.reference, drawing.slices], [[1, 2, 3, 4], [6, 7]]);
});
