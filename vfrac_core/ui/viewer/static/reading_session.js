// One reader's reading of one case after the other: ties the form, the box on the picture, the keys, the save queue and
// the AI switch to one reading object. Every change, wherever it comes from, passes `change`.

import { createForm } from "./form.js";
import { askReader } from "./reader_dialog.js";
import { diagnose, emptyReading, missing, sameReading, toggleSign } from "./reading.js";
import { createSaveQueue } from "./save_queue.js";
import { openedText, saveText } from "./save_text.js";
import { randomHex } from "./elements.js";

const LATE = { text: "NOT SAVED: already submitted. Your change is kept in this browser.", tone: "bad" };

/**
 * @param host {root, formRoot, viewer, api, signs, levels, storage, prefix, reader, step(±1), reopen(), refreshTicket(),
 *   shownSlice(), onCaseState(caseId, state)}; `reader` is null until a name was given, `step` opens the previous or next case
 */
export function createReadingSession(host) {
  const { viewer, api, signs } = host;
  let current = null; // the open case: see `open`
  let reader = host.reader;
  let asking = null;
  let declined = false; // "not now": ask again at Enter or Submit, not at every click

  const form = createForm(host.formRoot, {
    signs, levels: host.levels,
    on: {
      change, submit, name: askName, step: host.step,
      mark: () => viewer.perform("mark-slice"), ai: () => viewer.perform("toggle-ai"), goTo: (slice) => viewer.goTo(slice),
      correct: startCorrection, sendCorrection, cancelCorrection, discard,
    },
  });
  const queue = createSaveQueue({
    send: api.save, storage: host.storage, prefix: host.prefix, newId: () => randomHex(16), onState: onSaveState,
  });
  if (!reader) queue.hold();

  /** Show a case as the store has it, or as this browser kept it when the store has not got it yet. */
  function open({ study, annotation }, kept) {
    const late = kept?.refused === 409 || (kept?.kind === "draft" && annotation?.submitted_at) ? kept.body.reading : null;
    const unsent = late ? null : kept;
    const stored = { ...emptyReading(), ...annotation?.reading };
    current = {
      caseId: study.case, title: study.title, slices: study.shape[0], stored, late,
      reading: unsent ? unsent.body.reading : stored,
      startedAt: annotation?.started_at ?? unsent?.body.started_at ?? new Date().toISOString(),
      aiSeen: Boolean(annotation?.ai_visible || unsent?.body.ai_visible), aiOn: false,
      submitted: Boolean(annotation?.submitted_at), pending: unsent && unsent.kind !== "draft" ? unsent.kind : null,
      correcting: false, missed: false, lockShown: false, aiSaveId: randomHex(16),
    };
    const { box, slice_index, marked_slices } = current.reading;
    viewer.open({ ...study, box, slice: slice_index, marked: marked_slices, ai: study.ai === "locked" ? "locked" : "off" }); // decision 7
    form.showMissing([]);
    form.saveState(late ? LATE : openedText(annotation));
    render();
    if (unsent) queue.put(study.case, unsent.kind, unsent.body);
  }

  function render() {
    const { reading } = current;
    if (!sameReading(reading, { ...reading, ...viewer.reading() })) viewer.setReading(reading);
    if (current.lockShown !== isLocked()) viewer.setLocked((current.lockShown = isLocked())); // it also leaves the box
    renderForm();
  }

  /** The form alone: while a box is being drawn the picture is ahead of the reading, and must not be set back. */
  function renderForm() {
    const { reading } = current;
    form.show({
      ...current, locked: isLocked(), slice: host.shownSlice(), submitted: current.submitted || current.pending === "submit",
      ai: current.aiOn ? "on" : "off", aiFree: aiIsFree(),
    });
    if (current.missed) form.showMissing(missing(reading, signs), { focus: false });
  }

  const isLocked = () => Boolean(current.pending || (current.submitted && !current.correcting));
  const aiIsFree = () => current.aiSeen || current.submitted;

  function change(reading) {
    if (!current || isLocked() || sameReading(reading, current.reading)) return current && render();
    current.reading = reading;
    render();
    if (!current.correcting) put("draft");
  }

  const body = () => ({ reading: current.reading, ai_visible: current.aiSeen, started_at: current.startedAt });
  const put = (kind, more = {}) => queue.put(current.caseId, kind, { ...body(), ...more });

  function submit() {
    if (current.correcting || isLocked()) return;
    const items = missing(current.reading, signs);
    current.missed = items.length > 0;
    form.showMissing(items, { focus: true });
    if (items.length) return;
    current.pending = "submit";
    put("submit");
    render();
  }

  function startCorrection() {
    current.correcting = true;
    if (current.late) current.reading = current.late;
    render();
    form.focusReason();
  }

  function sendCorrection(reason) {
    const items = [...(reason ? [] : [{ id: "correction-reason", text: "the reason" }]), ...missing(current.reading, signs)];
    form.showMissing(items, { focus: true });
    if (items.length) return;
    current.pending = "correct";
    put("correct", { reason });
    render();
  }

  function cancelCorrection() {
    Object.assign(current, { correcting: false, missed: false, reading: current.stored });
    form.showMissing([]);
    render();
  }

  /** Give up a change that came after the reading was submitted elsewhere. */
  function discard() {
    queue.forget(current.caseId);
    current.late = null;
    cancelCorrection();
    host.reopen();
  }

  function onSaveState(caseId, state) {
    if (state.phase === "saved") host.onCaseState(caseId, state.state);
    if (state.phase === "held" && (!declined || state.kind !== "draft")) askName();
    if (caseId !== current?.caseId) return;
    form.saveState(saveText(state));
    if (state.phase === "saved" && state.kind !== "draft") accepted();
    if (state.phase === "refused") refused(state);
  }

  function accepted() {
    Object.assign(current, { submitted: true, pending: null, correcting: false, missed: false, stored: current.reading, late: null });
    form.showMissing([]);
    render();
    if (document.activeElement === document.body) form.focusNext(); // the submit button that had the focus is gone
  }

  function refused({ kind, status, missing: names }) {
    current.pending = null;
    if (names) form.showMissing(names.map((text) => ({ id: null, text })), { focus: true });
    render();
    if (status === 409) host.reopen();
    else if (status === 403) nameAgain();
    else if (kind === "submit") put("draft"); // what could not be submitted is still worth keeping
  }

  function nameAgain() {
    reader = null;
    queue.hold();
    askName();
  }

  /** Ask who reads; what was held goes out as soon as the store knows the name. */
  function askName() {
    asking ??= askReader(host.root, api.signIn).then(async (answer) => {
      asking = null;
      declined = !answer;
      if (!answer) return null;
      reader = answer;
      const kept = queue.unsent(current.caseId);
      await queue.release();
      if (kept?.refused) queue.put(current.caseId, kept.kind, kept.body);
      return reader;
    });
    return asking;
  }

  /**
   * The reader switches the AI on or off. Seen once is seen: the store hears of it first, and the viewer shows nothing
   * before this has resolved.
   */
  async function switchAi(mode) {
    const asked = current;
    if (mode === "live" && !aiIsFree()) await recordAi(asked);
    asked.aiOn = mode === "live";
    if (asked === current) render();
  }

  async function recordAi(asked) {
    if (!reader && !(await askName())) throw new Error("nobody has given a name");
    await queue.flush(asked.caseId);
    await api.save("ai_shown", asked.caseId, { save_id: asked.aiSaveId });
    asked.aiSeen = true;
    await host.refreshTicket();
  }

  /** Do what a key stands for. */
  function act(id) {
    if (!current) return;
    const value = id.replace(/^(sign|diagnosis|confidence)-/, "");
    if (id.startsWith("sign-")) change(toggleSign(current.reading, value));
    else if (id.startsWith("diagnosis-")) change(diagnose(current.reading, signs, value));
    else if (id.startsWith("confidence-")) change({ ...current.reading, confidence: Number(value) });
    else ACTIONS[id]?.();
  }

  const ACTIONS = {
    submit,
    "save-draft": () => (reader ? queue.flush(current.caseId) : askName()),
    "next-case": () => host.step(1),
    "previous-case": () => host.step(-1),
  };

  return {
    open, act, switchAi,
    /** The box or the marks were changed on the picture: {slice_index, box, marked_slices}. */
    drawn: (onPicture) => current && change({ ...current.reading, ...onPicture }),
    /** The picture shows another slice. */
    scrolled: () => current && renderForm(),
    unsent: queue.unsent, resume: queue.resume, retryNow: queue.retryNow, dirty: queue.dirty,
    /** Before another case is opened. */
    leave: () => (current ? queue.flush(current.caseId) : Promise.resolve()),
  };
}
