// Unsent saves in the browser's storage: what the next tab takes up, and what it leaves alone.

import assert from "node:assert/strict";
import { test } from "node:test";

import { DRAFT_DELAY_MS } from "../../vfrac_core/ui/viewer/static/save_queue.js";
import { fakeStorage } from "./fake_storage.js";
import { body, comments, desk, down, fakeStore, settle } from "./saving.js";

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
