// What goes out when: the newest content after the pause, each once, in order.

import assert from "node:assert/strict";
import { test } from "node:test";

import { DRAFT_DELAY_MS } from "../../vfrac_core/ui/viewer/static/save_queue.js";
import { body, comments, desk, down, settle } from "./saving.js";

test("changes within the pause become one save with the newest content", async () => {
  const { queue, store, timers, last } = desk();
  queue.put("k", "draft", body("a"));
  await timers.advance(DRAFT_DELAY_MS - 1);
  queue.put("k", "draft", body("ab"));
  await timers.advance(DRAFT_DELAY_MS - 1);
  assert.deepEqual(comments(store), []);
  await timers.advance(1);
  assert.deepEqual(comments(store), ["ab"]);
  assert.equal(last().phase, "saved");
  assert.equal(last().receipt.seq, 1);
});

test("a change during a save goes out after it", async () => {
  const { queue, store, timers, last } = desk();
  let open;
  store.before = () => new Promise(resolve => { open = resolve; });
  queue.put("k", "draft", body("a"));
  await timers.advance(DRAFT_DELAY_MS);
  queue.put("k", "draft", body("b"));
  await timers.advance(DRAFT_DELAY_MS);
  store.before = null;
  open();
  await settle();
  assert.notEqual(last().phase, "saved", "not everything is saved yet");
  await timers.advance(DRAFT_DELAY_MS);
  assert.deepEqual(comments(store), ["a", "b"]);
  assert.equal(last().phase, "saved");
});

test("content that is back to what is saved is not sent again", async () => {
  const { queue, store, timers, last } = desk();
  queue.put("k", "draft", body("a"));
  await timers.advance(DRAFT_DELAY_MS);
  queue.put("k", "draft", body("b"));
  queue.put("k", "draft", body("a"));
  await timers.advance(5000);
  assert.deepEqual(comments(store), ["a"]);
  assert.equal(last().phase, "saved");
  assert.equal(last().receipt.seq, 1);
});

test("a submit goes at once and takes the waiting draft's place", async () => {
  const { queue, store, last } = desk();
  queue.put("k", "draft", body("a"));
  queue.put("k", "submit", body("a"));
  await settle();
  assert.deepEqual(store.events.map(e => e.kind), ["submit"]);
  assert.equal(last().state, "submitted");
});

test("flush sends the waiting draft now and resolves when it is saved", async () => {
  const { queue, store } = desk();
  queue.put("k", "draft", body("a"));
  await queue.flush("k");
  assert.deepEqual(comments(store), ["a"]);
});

test("cases do not wait for each other", async () => {
  const { queue, store, timers } = desk();
  store.before = down;
  queue.put("k", "draft", body("a"));
  await timers.advance(DRAFT_DELAY_MS);
  store.before = null;
  queue.put("l", "draft", body("b"));
  await queue.flush("l");
  assert.deepEqual(comments(store), ["b"]);
});

test("nothing is sent while held, nothing is lost, and release sends the newest", async () => {
  const { queue, store, timers, last } = desk();
  queue.hold();
  queue.put("k", "draft", body("a"));
  queue.put("k", "draft", body("b"));
  await timers.advance(10_000);
  assert.equal(store.calls.length, 0);
  assert.equal(last().phase, "held");
  await queue.release();
  assert.deepEqual(comments(store), ["b"]);
});
