// What the store refuses is kept and shown, and sent again only by the reader's wish or with other content.

import assert from "node:assert/strict";
import { test } from "node:test";

import { DRAFT_DELAY_MS } from "../../vfrac_core/ui/viewer/static/save_queue.js";
import { body, comments, desk, settle } from "./saving.js";

test("a refused draft is kept and shown, and is not sent again by itself", async () => {
  const { queue, storage, store, timers, last } = desk();
  queue.put("k", "submit", body("a"));
  await settle();
  queue.put("k", "draft", body("late"));
  await timers.advance(60_000);
  assert.equal(store.calls.length, 2);
  assert.deepEqual({ ...last(), error: undefined, caseId: undefined },
    { phase: "refused", kind: "draft", status: 409, missing: undefined, error: undefined, caseId: undefined });
  assert.equal(queue.unsent("k").body.reading.comment, "late");
  assert.equal(storage.length, 1);
  assert.ok(!queue.dirty(), "it is kept, so the page may be closed without a warning");
  queue.forget("k");
  assert.equal(queue.unsent("k"), null);
  assert.equal(storage.length, 0);
});

test("a refused save is not sent again by leaving the case, only by an explicit retry", async () => {
  const { queue, store, timers } = desk();
  queue.put("k", "submit", body("a"));
  await settle();
  queue.put("k", "draft", body("late"));
  await timers.advance(DRAFT_DELAY_MS);
  const sent = store.calls.length;
  await queue.flush("k");
  await queue.retryNow();
  assert.equal(store.calls.length, sent);
  await queue.retry("k");
  assert.equal(store.calls.length, sent + 1);
  assert.equal(store.calls.at(-1).save_id, store.calls.at(-2).save_id);
});

test("a bug on the server does not block what comes after it: given up after five tries, and kept", async () => {
  const { queue, store, timers, states, last } = desk();
  store.before = () => { throw Object.assign(new Error("a bug"), { status: 500 }); };
  queue.put("k", "draft", body("a"));
  await timers.advance(120_000);
  assert.equal(store.calls.length, 5);
  assert.deepEqual(states.filter(s => s.phase === "failed").map(s => s.seconds), [1, 2, 4, 8]);
  assert.equal(last().phase, "refused");
  assert.equal(queue.unsent("k").body.reading.comment, "a");
  assert.ok(queue.dirty());
  store.before = null;
  queue.put("k", "draft", body("b"));
  await timers.advance(DRAFT_DELAY_MS);
  assert.deepEqual(comments(store), ["b"]);
});

test("a refused submit may be mended: the new content goes out under a new id", async () => {
  const { queue, store } = desk();
  store.before = () => { throw Object.assign(new Error("not complete"), { status: 400, missing: ["confidence"] }); };
  queue.put("k", "submit", body("a"));
  await settle();
  store.before = null;
  queue.put("k", "submit", body("b"));
  await settle();
  assert.deepEqual(comments(store), ["b"]);
  assert.notEqual(store.calls[0].save_id, store.calls[1].save_id);
});

test("the same refused content tried again keeps its id", async () => {
  const { queue, store } = desk();
  store.before = () => { throw Object.assign(new Error("no name yet"), { status: 403 }); };
  queue.put("k", "submit", body("a"));
  await settle();
  store.before = null;
  queue.put("k", "submit", body("a"));
  await settle();
  assert.equal(store.calls.length, 2);
  assert.equal(store.calls[0].save_id, store.calls[1].save_id);
});
