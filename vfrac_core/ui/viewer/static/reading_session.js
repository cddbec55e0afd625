// One reader's reading of one case after the other: ties the form, the box on the picture, the keys, the save queue and
// the AI switch to one reading object. Every change, wherever it comes from, passes `change`.

import { afterTyping } from "./after_typing.js";
import { createCorrection } from "./correction.js";
import { randomHex } from "./elements.js";
import { createForm } from "./form.js";
import { createHistory } from "./history.js";
import { createKeptCorrections } from "./kept_corrections.js";
import { openedCase } from "./opened_case.js";
import { createOtherTabs } from "./other_tabs.js";
import { askReader } from "./reader_dialog.js";
import {
  answerSign, diagnose, missing, missingByName, othersAbsent, runOf, sameReading, toggleFlag, toggleSign,
} from "./reading.js";
import { createSaveQueue } from "./save_queue.js";
import { saveText } from "./save_text.js";
import { createTabs } from "./tabs.js";

/**
 * @param host {root, formRoot, viewer, api, signs, levels, storage, owner, aiSeen, answerSeen, answerRoot, reader, step(±1), reopen(),
 *   refreshTicket(), shownSlice(), onCaseState(caseId, {state} or {flagged}), nextUnread(), onSubmitted(caseId)}; `owner` names the
 *   browser's reader in the storage's keys, `reader` is null until a name was given, `step` opens the previous or next case
 */
export function createReadingSession(host) {
  const { viewer, api, signs, aiSeen, answerSeen } = host;
  let current = null; // see opened_case.js
  let reader = host.reader;
  let asking = null;
  let rereads = 0; // number of the newest look at what another tab has saved
  let declined = false; // "not now": ask again at Enter or Submit, not at every click

  const form = createForm(host.formRoot, {
    signs, levels: host.levels, answerRoot: host.answerRoot,
    on: {
      change, submit, name: askName, step: host.step, nextUnread: host.nextUnread, flag,
      mark: () => viewer.perform("mark-slice"), measure: () => viewer.perform("height-tool"), ai: () => viewer.perform("toggle-ai"),
      goTo: (slice) => viewer.goTo(slice), mapOf: (name) => viewer.toggleMapOf(name),
      correct: () => correction.start(), reason: (text) => correction.changeReason(text),
      sendCorrection: (reason) => correction.send(reason), cancelCorrection: () => correction.cancel(), discard,
    },
  });
  const history = createHistory(sameReading, runOf);
  const tabs = createTabs();
  const tab = randomHex(16);
  tabs.hold(tab);
  const queue = createSaveQueue({
    send: api.save, storage: host.storage, prefix: `vfrac.unsent.${host.owner}.`, newId: () => randomHex(16),
    tab, isOpen: tabs.isOpen, onState: onSaveState,
  });
  const others = createOtherTabs(host.owner, { onBeside: () => form.beside(true), onSaved: savedElsewhere });
  const corrections = createKeptCorrections(host.storage, `vfrac.correction.${host.owner}.`);
  const correction = createCorrection({
    opened: () => current, form, history, signs, corrections, render, put: (reason) => put("correct", { reason }),
  });
  if (!reader) queue.hold();

  /** Show a case as the store has it, or as this browser kept it when the store has not got it yet. */
  function open({ study, annotation }, kept) {
    const begun = annotation?.submitted_at ? corrections.of(study.case) : null;
    current = openedCase({ study, annotation }, kept, begun);
    history.clear();
    const { box, slice_index, marked_slices, slice_boxes } = current.reading;
    viewer.open({ ...study, box, slice: slice_index, marked: marked_slices, slice_boxes, ai: study.ai === "locked" ? "locked" : "off" }); // decision 7
    form.showMissing([]);
    form.beside(false);
    others.opened(study.case);
    correction.showState();
    render();
    if (kept && !current.late) queue.put(study.case, kept.kind, kept.body);
  }

  /** Another tab has saved this case: it is shown as the store has it, unless something of this tab is still to be sent. */
  async function savedElsewhere() {
    const { caseId } = current;
    const mine = (rereads += 1);
    const isIdle = () => current.caseId === caseId && !queue.unsent(caseId) && !current.correcting && !current.pending;
    form.beside(true);
    if (!isIdle()) return;
    const answer = await api.open(caseId).catch(() => null); // the next save tells again
    if (!answer?.annotation || mine !== rereads || !isIdle()) return;
    if (answer.annotation.submitted_at) return host.reopen();
    current = { ...openedCase(answer, null, null), aiOn: current.aiOn, lockShown: current.lockShown };
    history.clear();
    correction.showState();
    host.onCaseState(caseId, { state: "draft" });
    render();
  }

  function render() {
    const { reading } = current;
    if (!sameReading(reading, { ...reading, ...viewer.reading() })) viewer.setReading(reading);
    if (current.lockShown !== isLocked()) viewer.setLocked((current.lockShown = isLocked())); // it also leaves the box
    host.onCaseState(current.caseId, { flagged: reading.flagged });
    renderForm();
  }

  /** The form alone: while a box is being drawn the picture is ahead of the reading, and must not be set back. */
  function renderForm() {
    const { reading } = current;
    form.show({
      ...current, locked: isLocked(), slice: host.shownSlice(), submitted: current.submitted || current.pending === "submit",
      ai: current.aiOn ? "on" : "off", aiFree: current.aiRecorded, assisted: isLocked() ? "" : seenInExplore(),
    });
    if (current.missed) form.showMissing(missing(reading, signs), { focus: false });
  }

  const isLocked = () => Boolean(current.pending || (current.submitted && !current.correcting));
  const sawAi = () => (current.aiSeen ||= aiSeen.has(current.caseId));
  const sawAnswer = () => (current.answerSeen ||= answerSeen.has(current.caseId));
  const seenInExplore = () => [aiSeen.has(current.caseId) && "the AI's answer", sawAnswer() && "the answer"].filter(Boolean).join(" and ");

  function change(reading) {
    if (!current || isLocked() || sameReading(reading, current.reading)) return current && render();
    history.note(current.reading, reading);
    replace(reading);
  }

  function replace(reading) {
    current.reading = reading;
    render();
    if (current.correcting) correction.keep();
    else put("draft");
  }

  /** An undone change is a change like any other: it is saved, and the log keeps both. */
  function step(take) {
    const reading = current && !isLocked() ? take(current.reading) : null;
    if (reading) replace(reading);
  }

  const body = () => ({ reading: current.reading, ai_visible: sawAi(), answer_visible: sawAnswer(), started_at: current.startedAt });
  const put = (kind, more = {}) => queue.put(current.caseId, kind, { ...body(), ...more });

  function flag() {
    if (current) change(toggleFlag(current.reading));
  }

  function submit() {
    if (current.correcting) return correction.send(current.reason);
    if (isLocked()) return;
    const items = missing(current.reading, signs);
    current.missed = items.length > 0;
    form.showMissing(items, { focus: true });
    if (items.length) return;
    current.pending = "submit";
    put("submit");
    render();
  }

  /** Give up a change that came after the reading was submitted elsewhere. */
  function discard() {
    queue.forget(current.caseId);
    current.late = null;
    correction.cancel();
    host.reopen();
  }

  function onSaveState(caseId, state) {
    if (state.phase === "saved") host.onCaseState(caseId, { state: state.state });
    if (state.phase === "saved") others.saved(caseId);
    if (state.phase === "saved" && state.kind === "correct") corrections.drop(caseId);
    if (state.phase === "held") askNameFor(state.kind);
    if (caseId !== current?.caseId) return;
    form.saveState(saveText(state));
    if (state.phase === "saved" && state.kind !== "draft") accepted(state);
    if (state.phase === "refused") refused(state);
  }

  function accepted(state) {
    Object.assign(current, {
      submitted: true, pending: null, correcting: false, reason: "", correctionKept: true, missed: false,
      stored: current.reading, late: null, settled: saveText(state),
    });
    history.clear();
    form.showMissing([]);
    render();
    if (state.kind === "submit") host.onSubmitted(current.caseId);
    if (document.activeElement === document.body) form.focusNext(); // the submit button that had the focus is gone
  }

  function refused({ kind, status, missing: names }) {
    current.pending = null;
    render(); // unlocks the form, so that what is missing can take the focus
    if (names) form.showMissing(missingByName(names, signs), { focus: true });
    if (status === 409) host.reopen();
    else if (status === 403) nameAgain();
    else if (kind === "submit") put("draft"); // what could not be submitted is still worth keeping
  }

  function nameAgain() {
    reader = null;
    queue.hold();
    askName();
  }

  /** A draft that is held can wait until its words are typed, and is not a reason to ask again. */
  function askNameFor(kind) {
    if (kind !== "draft") askName();
    else if (!declined) afterTyping(() => { if (!reader && !declined) askName(); });
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
      if (kept?.refused) await queue.retry(current.caseId);
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
    if (mode === "live" && !asked.aiRecorded) await recordAi(asked);
    asked.aiOn = mode === "live";
    if (asked === current) render();
  }

  async function recordAi(asked) {
    if (!reader && !(await askName())) throw new Error("nobody has given a name");
    await queue.flush(asked.caseId);
    await api.save("ai_shown", asked.caseId, { save_id: asked.aiSaveId });
    asked.aiSeen = asked.aiRecorded = true;
    await host.refreshTicket();
  }

  /** Do what a key stands for. */
  function act(id) {
    if (!current) return;
    const [, part, value] = /^(sign|unsure|diagnosis|confidence)-(.*)$/.exec(id) ?? [];
    if (part === "sign") change(toggleSign(current.reading, value));
    else if (part === "unsure") change(answerSign(current.reading, value, "not_assessable"));
    else if (part === "diagnosis") change(diagnose(current.reading, signs, value));
    else if (part === "confidence") change({ ...current.reading, confidence: Number(value) });
    else ACTIONS[id]?.();
    if (part) form.reveal(["sign", "unsure"].includes(part) ? `sign-${value}` : part); // what a key has changed is to be seen
  }

  const ACTIONS = {
    submit, "toggle-flag": flag, "focus-level": form.focusLevel,
    undo: () => step(history.undo),
    redo: () => step(history.redo),
    "others-absent": () => change(othersAbsent(current.reading, signs)),
    "save-draft": () => (reader ? queue.retry(current.caseId) : askName()),
    "next-case": () => host.step(1),
    "previous-case": () => host.step(-1),
  };

  return {
    open, act, switchAi,
    /** The box or the marks were changed on the picture: {slice_index, box, marked_slices}. */
    drawn: (onPicture) => current && change({ ...current.reading, ...onPicture }),
    /** What the AI says of the signs, or null where it says nothing. */
    showSigns: form.showSigns,
    /** The picture shows another slice. */
    scrolled: () => current && renderForm(),
    takeUp: queue.takeUp, resume: queue.resume, retryNow: queue.retryNow,
    /** Closing the page now would lose something. */
    dirty: () => queue.dirty() || current?.correctionKept === false,
    /** Before another case is opened. */
    leave: () => (current ? queue.flush(current.caseId) : Promise.resolve()),
  };
}
