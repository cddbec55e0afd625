// Gets each change of a reading to the store once, in order, whatever the network does. Pure: the clock, the storage and
// the sending are arguments, so that `node --test` can play every failure.
//
// Per case there are at most two entries: `sent` was tried and keeps its save id until the store has answered (it may be
// committed although no answer came), `next` is the newest content that was never tried; newer content replaces it.
// So a late duplicate of an old save can never win over a newer one, and nothing goes out twice under two ids.

export const DRAFT_DELAY_MS = 600;

/** Seconds to wait after the given number of failures in a row: 1, 2, 4, 8, 15, 15 … */
export const backoffSeconds = (failures) => Math.min(2 ** (failures - 1), 15);

/** True where the same request may work later: no answer at all, or the server is busy, starting or out of space. */
export const isTemporary = (error) => error.status === undefined || error.status >= 500;

const BUG_TRIES = 5; // of a save that the server fails on (500): newer content must not wait behind it for ever

/**
 * @param send      (kind, caseId, {save_id, …body}) => Promise of the store's answer; rejects with an error that has
 *                  `status` (undefined = no answer), `message`, perhaps `missing`
 * @param storage   like localStorage; what is unsent survives a closed tab under `prefix + caseId`
 * @param tab       this tab's id; `isOpen(tab)` => Promise of whether that other tab still lives and sends its own
 * @param onState   (caseId, {phase, kind, …}) phase: waiting | saving | saved | failed | refused | held
 * @param timers    {set, clear}, for tests
 */
export function createSaveQueue({ send, storage, prefix, newId, onState, tab = newId(), isOpen = async () => false, timers = browserTimers }) {
  const slots = new Map();
  let held = false;

  const slotOf = (caseId) => {
    if (!slots.has(caseId)) slots.set(caseId, { sent: null, next: null, saved: null, failures: 0, timer: null, flight: null });
    return slots.get(caseId);
  };

  /** Take new content of a case. Drafts wait for the reader to pause; everything else goes at once. */
  function put(caseId, kind, body) {
    const slot = slotOf(caseId);
    const entry = { saveId: newId(), kind, body };
    if (slot.sent?.refused && !same(slot.sent, entry)) slot.sent = null;
    delete slot.sent?.refused;
    slot.next = same(slot.sent ?? slot.saved, entry) ? null : entry;
    keep(caseId, slot);
    if (!hasWork(slot)) return tell(caseId, { phase: "saved", ...slot.saved.answer, kind });
    tell(caseId, { phase: held ? "held" : "waiting", kind });
    if (kind !== "draft") return void flush(caseId);
    if (slot.failures === 0) wake(caseId, slot, DRAFT_DELAY_MS);
  }

  /** Send now. Resolves when the case has nothing left to send, or when an attempt has failed (it goes on by itself). */
  async function flush(caseId) {
    const slot = slotOf(caseId);
    do await pump(caseId, slot);
    while (isReady(slot) && slot.next && slot.failures === 0 && !held);
  }

  /** The reader asks for it: what was refused is tried once more, under its id. */
  function retry(caseId) {
    delete slotOf(caseId).sent?.refused;
    return flush(caseId);
  }

  function pump(caseId, slot) {
    if (slot.flight) return slot.flight;
    if (held || !isReady(slot)) return Promise.resolve();
    timers.clear(slot.timer);
    slot.timer = null;
    slot.flight = attempt(caseId, slot).finally(() => { slot.flight = null; });
    return slot.flight;
  }

  async function attempt(caseId, slot) {
    if (!slot.sent) [slot.sent, slot.next] = [slot.next, null];
    keep(caseId, slot);
    const { saveId, kind, body } = slot.sent;
    tell(caseId, { phase: "saving", kind });
    try {
      acknowledge(caseId, slot, await send(kind, caseId, { save_id: saveId, ...body }));
    } catch (error) {
      const isBug = error.status === 500 && slot.failures + 1 >= BUG_TRIES;
      (isTemporary(error) && !isBug ? retryLater : refuse)(caseId, slot, kind, error);
    }
  }

  function acknowledge(caseId, slot, answer) {
    slot.saved = { ...slot.sent, answer };
    slot.sent = null;
    slot.failures = 0;
    keep(caseId, slot);
    tell(caseId, slot.next ? { phase: "waiting", kind: slot.next.kind } : { phase: "saved", kind: slot.saved.kind, ...answer });
    if (slot.next && slot.timer === null) wake(caseId, slot, DRAFT_DELAY_MS);
  }

  function retryLater(caseId, slot, kind, error) {
    slot.failures += 1;
    const seconds = backoffSeconds(slot.failures);
    tell(caseId, { phase: "failed", kind, error: error.message, seconds });
    wake(caseId, slot, seconds * 1000);
  }

  function refuse(caseId, slot, kind, error) {
    slot.failures = 0;
    slot.sent.refused = error.status;
    keep(caseId, slot);
    tell(caseId, { phase: "refused", kind, error: error.message, status: error.status, missing: error.missing });
    if (slot.next) { slot.sent = null; keep(caseId, slot); wake(caseId, slot, DRAFT_DELAY_MS); }
  }

  function wake(caseId, slot, ms) {
    timers.clear(slot.timer);
    slot.timer = timers.set(() => { slot.timer = null; pump(caseId, slot); }, ms);
  }

  const tell = (caseId, state) => onState(caseId, state);

  function keep(caseId, slot) {
    try {
      if (hasWork(slot)) storage.setItem(prefix + caseId, JSON.stringify({ tab, sent: slot.sent, next: slot.next }));
      else if (readKept(caseId)?.tab === tab) storage.removeItem(prefix + caseId);
    } catch { /* storage full or forbidden: what is unsent still lives in this tab, and closing it warns */ }
  }

  function readKept(caseId) {
    try { return JSON.parse(storage.getItem(prefix + caseId)); } catch { return null; }
  }

  /** The newest content that the store has not acknowledged: {kind, body, refused?} or null. */
  function unsent(caseId) {
    const slot = slotOf(caseId);
    return slot.next ?? slot.sent;
  }

  /** The same, and what a tab that is closed by now has left of this case is this tab's from here on. */
  async function takeUp(caseId) {
    const slot = slotOf(caseId);
    const kept = readKept(caseId);
    const isLeft = kept && hasWork(kept) && !hasWork(slot) && !(await isOpen(kept.tab));
    if (isLeft && !hasWork(slot)) {
      Object.assign(slot, { sent: kept.sent, next: kept.next });
      keep(caseId, slot);
    }
    return unsent(caseId);
  }

  /** Take up all that earlier tabs of this browser could not send. */
  async function resume() {
    const keys = Array.from({ length: storage.length }, (_, i) => storage.key(i));
    await Promise.all(keys.filter((key) => key.startsWith(prefix)).map((key) => takeUp(key.slice(prefix.length))));
    await retryNow();
  }

  /** Try everything at once: the network is back, the reader has a name now, or the page is about to close. */
  const retryNow = () => Promise.all([...slots.keys()].map(flush));

  return {
    put, flush, retry, unsent, takeUp, resume, retryNow,
    /** Nothing is sent until `release`; changes are kept. */
    hold() { held = true; },
    release() { held = false; return retryNow(); },
    /** Drop what a case could not send: the reader has decided against it. */
    forget(caseId) { Object.assign(slotOf(caseId), { sent: null, next: null, failures: 0 }); storage.removeItem(prefix + caseId); },
    /** Something would be lost by closing the page now. What a submitted case refused (409) is kept and may wait. */
    dirty: () => [...slots.values()].some((slot) => hasWork(slot) && slot.sent?.refused !== 409),
  };
}

const hasWork = (slot) => Boolean(slot.sent || slot.next);
const isReady = (slot) => hasWork(slot) && !slot.sent?.refused; // a refused save waits for newer content or for `retry`
const same = (a, b) => Boolean(a && b) && a.kind === b.kind && JSON.stringify(a.body) === JSON.stringify(b.body);
const browserTimers = { set: (f, ms) => setTimeout(f, ms), clear: (id) => clearTimeout(id) };
