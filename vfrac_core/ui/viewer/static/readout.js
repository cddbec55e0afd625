// The AI's read-out in words. People count slices from 1, as in "R 7/15 L".

/**
 * @param {{mode: "live"|"off"|"locked", hasBox: boolean, busy: boolean, slice: number, probability: number|null,
 *          patient: {probability: number, slice: number, count: number}|null}} state
 */
export function numbersText({ mode, hasBox, busy, slice, probability, patient }) {
  if (mode === "locked") return "Locked until your own answer is submitted.";
  if (mode === "off") return "Off. Press H to show probability and map.";
  if (!hasBox) return "Draw a box around the vertebra (R).";
  const here = probability === null ? (busy ? "…" : "not asked") : probability.toFixed(2);
  const whole = patient ? ` · patient ${patient.probability.toFixed(2)} (max of ${patient.count}, slice ${patient.slice + 1})` : "";
  return `Malignant ${here} (slice ${slice + 1})${whole}`;
}

/** What stands under the numbers: what the weights are, and what computed the answer. */
export function captionText(weights, runtime) {
  return [weights.caption, weights.name && `Weights: ${weights.name}${runtime ? `, ${runtime}` : ""}.`].filter(Boolean).join(" ");
}

/** The badges that must never be missing. */
export function badgesOf(study) {
  return [study.synthetic && "SYNTHETIC", study.weights && !study.weights.trained && "UNTRAINED"].filter(Boolean);
}
