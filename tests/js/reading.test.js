import assert from "node:assert/strict";
import { test } from "node:test";

import { answerSign, diagnose, emptyReading, missing, missingByName, othersAbsent, sameReading, signsAnswered, toggleFlag, toggleSign } from "../../vfrac_core/ui/viewer/static/reading.js";

const SIGNS = ["one", "two", "three"].map((name) => ({ name, label: `Sign ${name}` }));

test("a new reading answers nothing", () => {
  const reading = emptyReading();
  assert.deepEqual(reading.signs, {});
  assert.equal(reading.diagnosis, null);
  assert.equal(reading.confidence, null);
  assert.equal(missing(reading, SIGNS).length, 2 + SIGNS.length + 2);
});

test("a sign's letter says present first, then changes between present and absent", () => {
  let reading = emptyReading();
  const seen = [];
  for (let i = 0; i < 3; i += 1) seen.push((reading = toggleSign(reading, "one")).signs.one);
  assert.deepEqual(seen, ["present", "absent", "present"]);
});

test("the flag is on, then off, and makes another reading", () => {
  const flagged = toggleFlag(emptyReading());
  assert.deepEqual([flagged.flagged, toggleFlag(flagged).flagged], [true, false]);
  assert.ok(!sameReading(flagged, emptyReading()));
});

test("no function changes the reading that it was given", () => {
  const reading = Object.freeze({ ...emptyReading(), signs: Object.freeze({ one: "present" }), marked_slices: Object.freeze([1]) });
  for (const changed of [toggleSign(reading, "one"), answerSign(reading, "two", "absent"), othersAbsent(reading, SIGNS)]) assert.notEqual(changed, reading);
  assert.deepEqual(reading.signs, { one: "present" });
});

test("all others absent keeps the answers that were given, not assessable included", () => {
  const reading = answerSign(answerSign(emptyReading(), "one", "present"), "two", "not_assessable");
  assert.deepEqual(othersAbsent(reading, SIGNS).signs, { one: "present", two: "not_assessable", three: "absent" });
});

test("the diagnosis is taken only after all the signs", () => {
  const early = diagnose(emptyReading(), SIGNS, "malignant");
  assert.equal(early.diagnosis, null);
  const reading = othersAbsent(emptyReading(), SIGNS);
  assert.ok(signsAnswered(reading, SIGNS));
  assert.equal(diagnose(reading, SIGNS, "malignant").diagnosis, "malignant");
});

test("what is missing is named in the order of the form, and an unknown level is an answer", () => {
  const reading = { ...answerSign(emptyReading(), "two", "absent"), vertebral_level: "unknown" };
  assert.deepEqual(missing(reading, SIGNS).map(({ text }) => text), [
    "the box around the vertebra", "sign one", "sign three", "the diagnosis", "the confidence",
  ]);
  assert.equal(missing(reading, SIGNS)[1].id, "sign-one");
});

test("a complete reading misses nothing; box at the very first slice included", () => {
  const reading = { ...othersAbsent(emptyReading(), SIGNS), vertebral_level: "T12", box: [0, 0, 5, 5], slice_index: 0, diagnosis: "benign", confidence: 1 };
  assert.deepEqual(missing(reading, SIGNS), []);
});

test("the order in which signs were answered makes no other reading", () => {
  const a = answerSign(answerSign(emptyReading(), "one", "absent"), "two", "present");
  const b = answerSign(answerSign(emptyReading(), "two", "present"), "one", "absent");
  assert.ok(sameReading(a, b));
  assert.ok(!sameReading(a, toggleSign(b, "one")));
  assert.ok(sameReading({ signs: {} }, emptyReading()));
});

test("what the server names as missing is found in the form; a name that the form does not know is told as it is", () => {
  const names = ["vertebral level", "Sign two", "confidence", "shoe size"];
  assert.deepEqual(missingByName(names, SIGNS).map(({ id }) => id), ["vertebral-level", "sign-two", "confidence", null]);
  assert.equal(missingByName(names, SIGNS)[3].text, "shoe size");
});
