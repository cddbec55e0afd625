import assert from "node:assert/strict";
import { test } from "node:test";

import { backoffSeconds, createSaveQueue, DRAFT_DELAY_MS, isTemporary } from "../../vfrac_core/ui/viewer/static/save_queue.js";
import { fakeStorage } from "./fake_storage.js";

/** A clock that is moved by hand, as {set, clear} and `advance(ms)`. */
function fakeTimers() {
  const due = new Map();
  let now = 0, last = 0;
  return {
    set(call, ms) { due.set(++last, { call, at: now + ms }); return last; },
    clear(id) { due.delete(id); },
    async advance(ms) {
      const end = now + ms;
      for (;;) {
        const first = [...due].filter(([, d]) => d.at <= end).sort((a, b) => a[1].at - b[1].at)[0];
        if (!first) break;
        due.delete(first[0]);
        now = first[1].at;
        first[1].call();
        await settle();
      }
      now = end;
      await settle();
    },
  };
}

const settle = async () => { for (let i = 0; i < 20; i += 1) await Promise.resolve(); };

/** The store's rules: one event per save id, a duplicate gets the first answer, a submitted case takes no draft. */
function fakeStore() {
  const store = { events: [], calls: [], before: null, after: null };
  store.send = async (kind, caseId, body) => {
    store.calls.push({ kind, caseId, ...body });
    await store.before?.();
    let event = store.events.find(e => e.save_id === body.save_id);
    if (!event && kind === "draft" && store.events.some(e => e.caseId === caseId && e.kind === "submit"))
      throw Object.assign(new Error("already submitted at 14:02"), { status: 409 });
    if (!event) store.events.push(event = { seq: store.events.length + 1, kind, caseId, ...body });
    await store.after?.();
    return { receipt: { seq: event.seq, text: `saved #${event.seq} · 9f3c` }, state: kind === "draft" ? "draft" : "submitted" };
  };
  return store;
}

function desk({ storage = fakeStorage(), store = fakeStore(), timers = fakeTimers(), ids = "a", isOpen = undefined } = {}) {
  let count = 0;
  const states = [];
  const queue = createSaveQueue({
    send: (...args) => store.send(...args), storage, timers, prefix: "u.", isOpen,
    newId: () => `${ids}${++count}`, onState: (caseId, state) => states.push({ caseId, ...state }),
  });
  return { queue, storage, store, timers, states, last: () => states.at(-1) };
}

const body = comment => ({ reading: { comment }, ai_visible: false });
const down = () => { throw new TypeError("server not reachable"); };
const comments = store => store.events.map(e => e.reading.comment);

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
  const { queue, store, timers } = desk();
  store.after = down;
  queue.put("k", "draft", body("a"));
  await timers.advance(DRAFT_DELAY_MS);
  store.after = null;
  await timers.advance(1000);
  assert.equal(store.calls.length, 2);
  assert.equal(store.events.length, 1);
});

test("what was tried is acknowledged before newer content goes out, so that a late duplicate cannot win", async () => {
  const { queue, store, timers } = desk();
  store.after = down;
  queue.put("k", "draft", body("a"));
  await timers.advance(DRAFT_DELAY_MS);
  queue.put("k", "draft", body("ab"));
  queue.put("k", "draft", body("abc"));
  store.after = null;
  await timers.advance(10_000);
  assert.deepEqual(store.calls.map(c => c.reading.comment), ["a", "a", "abc"]);
  assert.deepEqual(comments(store), ["a", "abc"]);
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

test("content that is back to what is being tried keeps that try's id", async () => {
  const { queue, store, timers } = desk();
  store.after = down;
  queue.put("k", "draft", body("a"));
  await timers.advance(DRAFT_DELAY_MS);
  queue.put("k", "draft", body("b"));
  queue.put("k", "draft", body("a"));
  store.after = null;
  await timers.advance(5000);
  assert.deepEqual(comments(store), ["a"]);
});

test("a submit goes at once and takes the waiting draft's place", async () => {
  const { queue, store, last } = desk();
  queue.put("k", "draft", body("a"));
  queue.put("k", "submit", body("a"));
  await settle();
  assert.deepEqual(store.events.map(e => e.kind), ["submit"]);
  assert.equal(last().state, "submitted");
});

test("a submit waits for the answer to a draft that was tried", async () => {
  const { queue, store, timers } = desk();
  store.after = down;
  queue.put("k", "draft", body("a"));
  await timers.advance(DRAFT_DELAY_MS);
  queue.put("k", "submit", body("b"));
  store.after = null;
  await timers.advance(5000);
  assert.deepEqual(store.events.map(e => e.kind), ["draft", "submit"]);
});

test("flush sends the waiting draft now and resolves when it is saved", async () => {
  const { queue, store } = desk();
  queue.put("k", "draft", body("a"));
  await queue.flush("k");
  assert.deepEqual(comments(store), ["a"]);
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

test("a closed tab's unsent draft is sent by the next tab, under the same id if it had been tried", async () => {
  const storage = fakeStorage(), store = fakeStore();
  const first = desk({ storage, store, ids: "a" });
  store.after = down;
  first.queue.put("k", "draft", body("a"));
  await first.timers.advance(DRAFT_DELAY_MS);
  first.queue.put("k", "draft", body("b"));
  store.after = null;
  const second = desk({ storage, store, ids: "b" });
  assert.equal((await second.queue.takeUp("k")).body.reading.comment, "b");
  await second.queue.resume();
  await second.timers.advance(10_000);
  assert.deepEqual(comments(store), ["a", "b"]);
  assert.equal(storage.length, 0);
});

test("a second tab leaves alone what the first one, still open, has not sent, and takes it up when that is closed", async () => {
  const storage = fakeStorage(), store = fakeStore();
  const first = desk({ storage, store, ids: "a" });
  first.queue.put("k", "draft", body("mine"));
  let open = true;
  const second = desk({ storage, store, ids: "b", isOpen: async tab => open && tab.startsWith("a") });
  await second.queue.resume();
  await settle();
  assert.equal(await second.queue.takeUp("k"), null);
  assert.equal(store.calls.length, 0);
  open = false;
  assert.equal((await second.queue.takeUp("k")).body.reading.comment, "mine");
});

test("another reader's unsent drafts in this browser are left alone", async () => {
  const storage = fakeStorage();
  storage.setItem("other.k", JSON.stringify({ tab: "x", sent: null, next: { saveId: "x1", kind: "draft", body: body("theirs") } }));
  const { queue, store } = desk({ storage });
  queue.resume();
  await settle();
  assert.equal(store.calls.length, 0);
  assert.equal(storage.length, 1);
});

test("a broken or full storage does not stop a save", async () => {
  const storage = fakeStorage();
  storage.setItem = () => { throw new Error("QuotaExceededError"); };
  storage.getItem = () => "{not json";
  const { queue, store } = desk({ storage });
  queue.put("k", "draft", body("a"));
  await queue.flush("k");
  assert.deepEqual(comments(store), ["a"]);
});

test("random changes over a random network end with exactly the last content, no id twice, in order", async () => {
  for (let seed = 1; seed <= 60; seed += 1) {
    const random = generator(seed);
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

function generator(seed) {
  let state = seed >>> 0;
  return () => { state = (Math.imul(state, 1664525) + 1013904223) >>> 0; return state / 2 ** 32; };
}
