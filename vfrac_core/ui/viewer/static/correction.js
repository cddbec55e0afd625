// The correction of a submitted reading: begun, kept in this browser meanwhile, sent with its reason or cancelled.

import { missing, sameReading } from "./reading.js";
import { correctionText } from "./save_text.js";

const LATE = { text: "NOT SAVED: already submitted. Your change is kept in this browser.", tone: "bad" };

/**
 * @param session {opened(), form, history, signs, corrections, render(), put(reason)}; `opened` gives the open case
 *   (opened_case.js), which is changed here; `corrections`: kept_corrections.js; `put` hands it to the save queue
 */
export function createCorrection({ opened, form, history, signs, corrections, render, put }) {
  function start() {
    const current = opened();
    current.correcting = true;
    if (current.late) current.reading = current.late;
    keep();
    render();
    form.focusReason();
  }

  function changeReason(text) {
    opened().reason = text;
    keep();
  }

  function send(reason) {
    const current = opened();
    const items = [...(reason ? [] : [{ id: "correction-reason", text: "the reason" }]), ...missing(current.reading, signs)];
    form.showMissing(items, { focus: true });
    if (items.length) return;
    current.pending = "correct";
    put(reason);
    render();
  }

  function cancel() {
    const current = opened();
    history.clear();
    Object.assign(current, { correcting: false, reason: "", missed: false, reading: current.stored });
    keep();
    form.showMissing([]);
    render();
  }

  /** What the reader has changed or written of a correction stays in this browser until it is sent or cancelled. */
  function keep() {
    const current = opened();
    const { caseId, reading, reason } = current;
    current.correctionKept = !isBegun(current) || corrections.keep(caseId, { reading, reason });
    if (!isBegun(current)) corrections.drop(caseId);
    showState();
  }

  function showState() {
    const current = opened();
    if (isBegun(current)) form.saveState(correctionText(current.correctionKept));
    else form.saveState(current.late ? LATE : current.settled);
  }

  return { start, changeReason, keep, showState, send, cancel };
}

/** Something was changed or written that would be lost. */
const isBegun = ({ correcting, reason, reading, stored }) => correcting && Boolean(reason || !sameReading(reading, stored));
