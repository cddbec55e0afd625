import assert from "node:assert/strict";
import { test } from "node:test";

import { browserStorage } from "../../vfrac_core/ui/viewer/static/browser_storage.js";
import { createKeptCorrections } from "../../vfrac_core/ui/viewer/static/kept_corrections.js";
import { createSeenCases } from "../../vfrac_core/ui/viewer/static/seen_cases.js";
import { StatusLine } from "../../vfrac_core/ui/viewer/static/status_line.js";
import { fakeStorage } from "./fake_storage.js";

const TOKEN = "a".repeat(64);
const createAiSeen = (storage, token) => createSeenCases(storage, token, "ai_seen");
const closed = { getItem() { throw new Error("denied"); }, setItem() { throw new Error("full"); }, removeItem() { throw new Error("denied"); } };

test("a case whose AI answer was seen in one tab is known in another, and only there", () => {
  const storage = fakeStorage();
  const annotate = createAiSeen(storage, TOKEN);
  assert.ok(!annotate.has("k"));
  createAiSeen(storage, TOKEN).note("k");
  assert.ok(annotate.has("k"));
  assert.ok(!annotate.has("l"));
  assert.ok(!createAiSeen(storage, "b".repeat(64)).has("k"));
});

test("having seen the AI and having seen the answer are two things", () => {
  const storage = fakeStorage();
  createSeenCases(storage, TOKEN, "answer_seen").note("k");
  assert.ok(createSeenCases(storage, TOKEN, "answer_seen").has("k"));
  assert.ok(!createAiSeen(storage, TOKEN).has("k"));
});

test("at most 500 cases are remembered, the newest, each once", () => {
  const storage = fakeStorage();
  const seen = createAiSeen(storage, TOKEN);
  for (let i = 0; i < 501; i += 1) [0, 1].forEach(() => seen.note(`k${i}`));
  assert.equal(JSON.parse(storage.getItem(storage.key(0))).length, 500);
  assert.ok(!seen.has("k0"));
  assert.ok(seen.has("k500"));
});

test("a storage that is forbidden, full or broken stops nobody", () => {
  createAiSeen(closed, TOKEN).note("k");
  assert.ok(!createAiSeen(closed, TOKEN).has("k"));
  for (const broken of ["{", '"k"', "7"]) assert.ok(!createAiSeen({ getItem: () => broken }, TOKEN).has("k"));
  const kept = createKeptCorrections(closed, "c.");
  assert.equal(kept.keep("k", { reading: {}, reason: "" }), false);
  assert.equal(kept.of("k"), null);
  kept.drop("k");
});

test("a correction in work outlives the tab until it is dropped", () => {
  const storage = fakeStorage();
  const correction = { reading: { comment: "after all" }, reason: "second look" };
  assert.ok(createKeptCorrections(storage, "c.").keep("k", correction));
  const reopened = createKeptCorrections(storage, "c.");
  assert.deepEqual(reopened.of("k"), correction);
  assert.equal(reopened.of("l"), null);
  reopened.drop("k");
  assert.equal(storage.length, 0);
});

test("a success clears its own sentence and leaves another's", () => {
  const element = { textContent: "" };
  const status = new StatusLine(element);
  status.say("ai", "The AI stays off: the server does not answer");
  status.clear("images");
  assert.match(element.textContent, /stays off/);
  status.clear("ai");
  assert.equal(element.textContent, "");
});

test("a correction that is kept no longer than the page is not told as kept", () => {
  const storage = browserStorage(); // Node has no localStorage: as in a frame that is denied it
  const kept = createKeptCorrections(storage, "c.");
  assert.equal(kept.keep("k", { reading: {}, reason: "second look" }), false);
  assert.equal(kept.of("k").reason, "second look");
});
