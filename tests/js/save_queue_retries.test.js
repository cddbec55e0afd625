// A save that got no answer is sent again under the same id, until the store has it, once.

import assert from "node:assert/strict";
import { test } from "node:test";

import { backoffSeconds, DRAFT_DELAY_MS, isTemporary } from "../../vfrac_core/ui/viewer/static/save_queue.js";
import { seeded } from "./random.js";
import { body, comments, desk, down } from "./saving.js";

/** Its first draft was committed, but the answer to it was lost. */
async function deskWithLostAnswer() {
  const lost = desk();
  lost.store.after = down;
  lost.queue.put("k", "draft", body("a"));
  await lost.timers.advance(DRAFT_DELAY_MS);
  return lost;
}

test("the back-off is 1, 2, 4, 8 and then 15 seconds", () => {
  assert.deepEqual([1, 2, 3, 4, 5, 9].map(backoffSeconds), [1, 2, 4, 8, 15, 15]);
});

test("only no answer at all and the server's own failures are retried", () => {
  const status = value => isTemporary({ status: value });
  assert.deepEqual([undefined, 500, 502, 503, 599].map(status), Array(5).fill(true));
  assert.deepEqual([400, 403, 404, 408, 409, 413, 425, 429].map(status), Array(8).fill(false));
});

test("a save that found no server is sent again under the same id until it is acknowledged", async () => {
  const { queue, store, timers, states, last } = desk();
  store.before = down;
  queue.put("k", "draft", body("a"));
  await timers.advance(DRAFT_DELAY_MS + 1000 + 2000);
  assert.equal(store.calls.length, 3);
  assert.deepEqual(states.filter(s => s.phase === "failed").map(s => s.seconds), [1, 2, 4]);
  assert.ok(queue.dirty());
  store.before = null;
  await timers.advance(4000);
  assert.equal(new Set(store.calls.map(c => c.save_id)).size, 1);
  assert.deepEqual(comments(store), ["a"]);
  assert.equal(last().phase, "saved");
  assert.ok(!queue.dirty());
});

test("a save that was committed but not acknowledged is one event", async () => {
  const { store, timers } = await deskWithLostAnswer();
  store.after = null;
  await timers.advance(1000);
  assert.equal(store.calls.length, 2);
  assert.equal(store.events.length, 1);
});

test("what was tried is acknowledged before newer content goes out, so that a late duplicate cannot win", async () => {
  const { queue, store, timers } = await deskWithLostAnswer();
  queue.put("k", "draft", body("ab"));
  queue.put("k", "draft", body("abc"));
  store.after = null;
  await timers.advance(10_000);
  assert.deepEqual(store.calls.map(c => c.reading.comment), ["a", "a", "abc"]);
  assert.deepEqual(comments(store), ["a", "abc"]);
});

test("content that is back to what is being tried keeps that try's id", async () => {
  const { queue, store, timers } = await deskWithLostAnswer();
  queue.put("k", "draft", body("b"));
  queue.put("k", "draft", body("a"));
  store.after = null;
  await timers.advance(5000);
  assert.deepEqual(comments(store), ["a"]);
});

test("a submit waits for the answer to a draft that was tried", async () => {
  const { queue, store, timers } = await deskWithLostAnswer();
  queue.put("k", "submit", body("b"));
  store.after = null;
  await timers.advance(5000);
  assert.deepEqual(store.events.map(e => e.kind), ["draft", "submit"]);
});

test("flush resolves when the server is away, and the retries go on", async () => {
  const { queue, store, timers } = desk();
  store.before = down;
  queue.put("k", "draft", body("a"));
  await queue.flush("k");
  assert.ok(queue.dirty());
  store.before = null;
  await timers.advance(1000);
  assert.deepEqual(comments(store), ["a"]);
});

test("random changes over a random network end with exactly the last content, no id twice, in order", async () => {
  for (let seed = 1; seed <= 60; seed += 1) {
    const random = seeded(seed);
    const { queue, store, timers } = desk();
    const flaky = () => { if (random() < 0.4) down(); };
    Object.assign(store, { before: flaky, after: flaky });
    let newest = null;
    for (let i = 0; i < 25; i += 1) {
      queue.put("k", "draft", body(newest = `v${Math.floor(random() * 4)}`));
      await timers.advance(random() * 3000);
    }
    Object.assign(store, { before: null, after: null });
    await timers.advance(60_000);
    assert.equal(comments(store).at(-1), newest, `seed ${seed}`);
    assert.ok(!queue.dirty());
    const repeated = comments(store).filter((comment, i, all) => comment === all[i - 1]);
    assert.deepEqual(repeated, [], `the same content twice in a row, seed ${seed}`);
  }
});
