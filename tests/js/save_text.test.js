import assert from "node:assert/strict";
import { test } from "node:test";

import { clock, correctionText, openedText, saveText } from "../../vfrac_core/ui/viewer/static/save_text.js";

const NOW = new Date(2026, 10, 23, 15, 0, 0);
const at = (...time) => new Date(2026, 10, 23, ...time).toISOString();
const receipt = { seq: 1041, hash: "9f3c77aa", text: "saved #1041 · 9f3c", at: at(12, 31, 5) };

test("only the store's answer is called saved, with its time, number and hash", () => {
  assert.deepEqual(saveText({ phase: "saved", kind: "draft", receipt }, NOW), { text: "Saved 12:31:05 · #1041 · 9f3c", tone: "good", asksName: false });
  assert.equal(saveText({ phase: "saved", kind: "submit", receipt }, NOW).text, "Submitted 12:31 · #1041 · 9f3c");
  for (const phase of ["waiting", "saving", "failed", "refused", "held"]) {
    const { text, tone } = saveText({ phase, kind: "draft", error: "x", seconds: 2 }, NOW);
    assert.doesNotMatch(text, /^(Saved|Submitted|Correction)/);
    assert.notEqual(tone, "good");
  }
});

test("a failure says what happened, that it is not saved and when it is tried again", () => {
  const { text, tone } = saveText({ phase: "failed", kind: "draft", error: "the disk is full", seconds: 4 }, NOW);
  assert.match(text, /^NOT SAVED: the disk is full; retrying in 4 s/);
  assert.equal(tone, "bad");
});

test("a case that the store has shows so when it is opened", () => {
  assert.equal(openedText(null, NOW).text, "not saved yet");
  assert.equal(openedText({ seq: 0, submitted_at: null }, NOW).text, "not saved yet", "only the AI was shown");
  assert.equal(openedText({ seq: 7, submitted_at: null, saved_at: at(12, 31, 5) }, NOW).text, "Saved 12:31:05 · #7");
  assert.equal(openedText({ seq: 9, submitted_at: at(14, 2), corrected: false }, NOW).text, "Submitted 14:02");
  assert.equal(openedText({ seq: 9, submitted_at: at(14, 2), corrected: true }, NOW).text, "Submitted 14:02 · corrected");
});

test("another day's time carries its date", () => {
  assert.equal(clock(new Date(2026, 10, 9, 8, 5).toISOString(), NOW, false), "2026-11-09 08:05");
});

test("a correction in work is never called saved, and kept only where it is", () => {
  assert.equal(correctionText(true).text, "Correction not sent yet: kept in this browser.");
  assert.equal(correctionText(false).text, "Correction not sent yet.");
});
