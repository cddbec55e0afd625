// The AI's read-out in words. People count slices from 1, as in "R 7/15 L".

/**
 * The shown slice's number, or why there is none.
 * @param {{mode: "live"|"off"|"locked", hasBox: boolean, busy: boolean, slice: number, probability: number|null}} state
 * @param {import("./keys.js").Keys} keys
 */
export function sliceText({ mode, hasBox, busy, slice, probability }, keys) {
  if (mode === "locked") return "Locked until your own answer is submitted.";
  if (mode === "off") return `Off. Press ${keys.name("toggle-ai")} to show probability and map.`;
  if (!hasBox) return `Draw a box around the vertebra (${keys.name("box-tool")}).`;
  if (probability !== null) return `Malignant ${probability.toFixed(2)} (slice ${slice + 1})`;
  return busy ? `Malignant … (slice ${slice + 1})` : `Slice ${slice + 1} was not asked.`;
}

/** The patient's number, over the default slices only (decision 13). The dot stays with it where the line breaks. */
export function patientText(patient) {
  return patient ? ` ·\u00a0patient ${patient.probability.toFixed(2)} (max of ${patient.count}, slice ${patient.slice + 1})` : "";
}

/** Beside the number of a case that the network has learned from: whose it is. @param {{fold: number, folds: number}|null} held */
export function outOfFoldText(held) {
  return held ? ` ·\u00a0out of fold (fold ${held.fold + 1} of ${held.folds})` : "";
}

/** Which map is on the picture, and for a sign the number that it is faded by. */
export function mapText(words, { target, signs }) {
  return `CAM: ${words}${signs && target in signs ? `, ${signs[target].toFixed(2)} on this slice` : ""}`;
}

/** What stands under the numbers: what the weights are, and what computed the answer. */
export function captionText(weights, runtime) {
  return [weights.caption, weights.name && `Weights: ${weights.name}${runtime ? `, ${runtime}` : ""}.`].filter(Boolean).join(" ");
}

/** The badges that must never be missing. `answering`: the weights of the answers, where they are not the case's any more. */
export function badgesOf(study, answering = {}) {
  const { trained } = { trained: true, ...study.weights, ...answering };
  return [study.synthetic && "SYNTHETIC", !trained && "UNTRAINED"].filter(Boolean);
}
