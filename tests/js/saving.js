// A save queue over a store that can be made to fail, a clock that is moved by hand and a storage that outlives the tab.

import { createSaveQueue } from "../../vfrac_core/ui/viewer/static/save_queue.js";
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

export const settle = async () => { for (let i = 0; i < 20; i += 1) await Promise.resolve(); };

/** The store's rules: one event per save id, a duplicate gets the first answer, a submitted case takes no draft. */
export function fakeStore() {
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

/** One tab's queue and what it stands on. */
export function desk({ storage = fakeStorage(), store = fakeStore(), timers = fakeTimers(), ids = "a", isOpen = undefined } = {}) {
  let count = 0;
  const states = [];
  const queue = createSaveQueue({
    send: (...args) => store.send(...args), storage, timers, prefix: "u.", isOpen,
    newId: () => `${ids}${++count}`, onState: (caseId, state) => states.push({ caseId, ...state }),
  });
  return { queue, storage, store, timers, states, last: () => states.at(-1) };
}

export const body = comment => ({ reading: { comment }, ai_visible: false });
export const down = () => { throw new TypeError("server not reachable"); };
export const comments = store => store.events.map(e => e.reading.comment);
