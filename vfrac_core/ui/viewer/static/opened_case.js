// The case that is open for reading: as the store has it, or as this browser kept it when the store has not got it yet.

import { randomHex } from "./elements.js";
import { emptyReading } from "./reading.js";
import { openedText } from "./save_text.js";

/**
 * The reading session keeps and changes it.
 * @typedef {Object} OpenedCase
 * @property {import("./reading.js").Reading} reading  as the form and the picture show it
 * @property {import("./reading.js").Reading} stored   as the store has it
 * @property {?import("./reading.js").Reading} late    changed here after it had been submitted elsewhere
 * @property {boolean} aiSeen      by the reader, in Explore too
 * @property {boolean} aiRecorded  by the store, which then answers in Annotate
 * @property {boolean} answerSeen  of an example, in Explore
 * @property {?string} pending     "submit" or "correct" while it is on the way
 * @property {boolean} correcting  with its `reason`; `correctionKept`: by this browser
 * @property {{text: string, tone: string}} settled  what the save line says while nothing is under way
 */

/**
 * @param opened  {study, annotation} as the server answers
 * @param kept    what this browser has not sent yet, or null
 * @param {?import("./kept_corrections.js").Correction} begun
 * @returns {OpenedCase}
 */
export function openedCase({ study, annotation }, kept, begun) {
  const late = kept?.refused === 409 || (kept?.kind === "draft" && annotation?.submitted_at) ? kept.body.reading : null;
  const unsent = late ? null : kept;
  const stored = { ...emptyReading(), ...annotation?.reading };
  return {
    caseId: study.case, title: study.title, slices: study.shape[0], stored, late,
    spacing: { row: study.spacing_mm[1], column: study.spacing_mm[2] },
    reading: begun?.reading ?? unsent?.body.reading ?? stored,
    startedAt: annotation?.started_at ?? unsent?.body.started_at ?? new Date().toISOString(),
    aiSeen: Boolean(annotation?.ai_visible || unsent?.body.ai_visible),
    answerSeen: Boolean(annotation?.answer_visible || unsent?.body.answer_visible),
    aiRecorded: Boolean(annotation?.ai_visible), aiOn: false,
    submitted: Boolean(annotation?.submitted_at), pending: unsent && unsent.kind !== "draft" ? unsent.kind : null,
    correcting: begun !== null, reason: begun?.reason ?? "", correctionKept: true, settled: openedText(annotation),
    missed: false, lockShown: false, aiSaveId: randomHex(16),
  };
}
