// The height aid in words: the same ones on the picture, under it and in the form.

import { canSkip, nextCorner } from "./height_task.js";
import { CORNERS, isCompressed, PLACES, shownPercent } from "./heights.js";

export const BODY_WORDS = Object.freeze({ worst: "Worst body", above: "Body above", below: "Body below" });

const CORNER_WORDS = Object.freeze({ 0: "upper plate, front", 2: "upper plate, back", 3: "lower plate, front", 5: "lower plate, back" });

/** The letter of a place, as it stands on the picture. */
export const placeLetter = (i) => PLACES[i][0].toUpperCase();

export const mmText = (mm) => mm.toFixed(1);

export const lossText = (found) => (worstPlace(found) ? `loss ${shownPercent(found.loss).toFixed(1)} % ${found.place}` : "no loss");

/** The place that is named, or null where nothing is lost. */
export const worstPlace = (found) => (found && shownPercent(found.loss) > 0 ? found.place : null);

/** What the loss was compared with. */
export function comparedText({ compared }) {
  return compared.length === 2 ? "against the mean of both neighbours" : `against the body ${compared[0]} alone`;
}

/** What the button of the form proposes for the sign. */
export const answerFor = ({ loss }) => (isCompressed(loss) ? "present" : "absent");

/**
 * What the reader does next, in one sentence.
 * @param {import("./height_task.js").Task} task
 * @param {import("./heights.js").Loss|null} loss
 * @param {number} slice  the shown one
 */
export function guideText(task, loss, slice) {
  if (task.slice !== null && task.slice !== slice) return `The heights are measured on slice ${task.slice + 1}.`;
  if (task.body === null) return `Drag to correct. ${loss ? capital(lossText(loss)) : "No neighbour is measured"}.`;
  const corner = nextCorner(task);
  const optional = canSkip(task) ? ", optional" : "";
  return `${BODY_WORDS[task.body]}: ${CORNER_WORDS[corner]} (${CORNERS.indexOf(corner) + 1} of ${CORNERS.length}${optional})`;
}

/** The measured bodies from head to foot. */
export const fromHeadToFoot = (heights) => ["above", "worst", "below"].filter((name) => heights[name]);

const capital = (text) => text[0].toUpperCase() + text.slice(1);
