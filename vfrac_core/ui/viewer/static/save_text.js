// What the reader is told about saving. "Saved" and "Submitted" are the store's answer and never the browser's hope.

const TONES = { waiting: "quiet", saving: "quiet", saved: "good", failed: "bad", refused: "bad", held: "bad" };

/** {text, tone, asksName} for a state of the save queue; tone: quiet | good | bad. */
export function saveText(state, now = new Date()) {
  return { text: (sentences[state.phase] ?? sentences.waiting)(state, now), tone: TONES[state.phase] ?? "quiet", asksName: state.phase === "held" };
}

/** {text, tone} for a case as the store has it, when it is opened. */
export function openedText(annotation, now = new Date()) {
  if (!annotation?.seq) return { text: "not saved yet", tone: "quiet" };
  if (annotation.submitted_at === null) {
    return { text: `Saved ${clock(annotation.saved_at, now, true)} · #${annotation.seq}`, tone: "good" };
  }
  return { text: `Submitted ${clock(annotation.submitted_at, now, false)}${annotation.corrected ? " · corrected" : ""}`, tone: "good" };
}

/** {text, tone} for a correction that the reader has begun; `kept`: the browser's storage took it. */
export const correctionText = (kept) => ({ text: `Correction not sent yet${kept ? ": kept in this browser" : ""}.`, tone: "bad" });

const sentences = {
  waiting: () => "not saved yet",
  saving: ({ kind }) => (kind === "draft" ? "saving…" : "submitting…"),
  saved: ({ kind, receipt }, now) => `${DONE[kind]} ${clock(receipt.at, now, kind === "draft")} · ${mark(receipt)}`,
  failed: ({ kind, error, seconds }) => (
    `${NOT_YET[kind] ?? NOT_YET.draft}: ${error.replace(/^not saved: /i, "")}; retrying in ${seconds} s. Kept in this browser.`),
  refused: ({ error, status }) => `NOT SAVED: ${error}${status === 409 ? ". Your change is kept in this browser." : ""}`,
  held: () => "NOT SAVED: who is reading? Kept in this browser.",
};

const NOT_YET = { draft: "NOT SAVED", submit: "NOT SUBMITTED YET", correct: "CORRECTION NOT SENT YET" };
const DONE = { draft: "Saved", submit: "Submitted", correct: "Correction saved" };

/** "#1041 · 9f3c": the number and the hash that the reader may note down as proof. */
const mark = ({ seq, hash }) => `#${seq} · ${hash.slice(0, 4)}`;

/** Local time of day; with the date in front unless it is today. */
export function clock(iso, now, withSeconds) {
  const at = new Date(iso);
  const two = (value) => String(value).padStart(2, "0");
  const time = [at.getHours(), at.getMinutes(), ...(withSeconds ? [at.getSeconds()] : [])].map(two).join(":");
  const day = [at.getFullYear(), two(at.getMonth() + 1), two(at.getDate())].join("-");
  return at.toDateString() === now.toDateString() ? time : `${day} ${time}`;
}
