// The height aid in the form: heights, loss and worst place of the measurement, and the sign that it would make. It sets
// the sign only when the reader agrees.

import { button, element } from "./elements.js";
import { answerFor, BODY_WORDS, comparedText, fromHeadToFoot, lossText, mmText, worstPlace } from "./height_words.js";
import { withKey } from "./key_names.js";
import { heightLoss, heightsInMm, PLACES } from "./heights.js";

/** @param on {measure(), answer("present"|"absent"), remove()} */
export function createHeightPanel(on) {
  let proposed = null;
  const verb = element("span");
  const measure = button("", on.measure, { id: "measure-heights", "data-action": "height-tool" });
  measure.append(...withKey(verb, "height-tool"));
  const hint = element("p", { class: "vfrac-hint" }, "Optional: measures the loss of height for the first sign.");
  const rows = element("tbody");
  const table = element("table", { class: "vfrac-heights" },
    element("thead", {}, element("tr", {}, element("th", { scope: "col" }, "mm"), ...PLACES.map((place) => element("th", { scope: "col" }, place)))), rows);
  const loss = element("p", { id: "height-loss" });
  const agree = button("", () => on.answer(proposed), { id: "agree-heights" });
  const remove = button("Remove the measurement", on.remove, { id: "remove-heights" });
  const root = element("section", { id: "height-aid", class: "vfrac-plain", "aria-label": "Height aid" },
    element("div", { class: "vfrac-row vfrac-between" }, element("h3", {}, "Height aid"), measure),
    hint, table, loss, element("div", { class: "vfrac-row" }, agree, remove));

  return {
    root,
    /**
     * @param {import("./heights.js").Heights|null} heights
     * @param {import("./heights.js").Spacing} spacing
     * @param {string|undefined} answer  of the sign, as it is now
     */
    show(heights, spacing, answer) {
      const found = heights && heightLoss(heights, spacing);
      verb.textContent = heights ? "Edit" : "Measure";
      hint.hidden = Boolean(heights);
      for (const part of [table, loss, remove]) part.hidden = !heights;
      agree.hidden = !found;
      rows.replaceChildren(...(heights ? fromHeadToFoot(heights).map((name) => bodyRow(name, heightsInMm(heights[name], spacing), found)) : []));
      loss.textContent = heights ? `Slice ${heights.slice_index + 1}: ${lossWords(found)}.` : "";
      proposed = found && answerFor(found);
      agree.textContent = proposed ? `Set vertebral compression: ${proposed}` : "";
      agree.setAttribute("aria-pressed", String(Boolean(found) && answer === proposed));
    },
  };
}

function bodyRow(name, heights, found) {
  const cells = heights.map((mm, i) => {
    const isWorst = name === "worst" && worstPlace(found) === PLACES[i];
    return element("td", { "data-worst": isWorst }, mmText(mm), isWorst ? " ◂" : null);
  });
  return element("tr", { "data-body": name }, element("th", { scope: "row" }, BODY_WORDS[name]), ...cells);
}

function lossWords(found) {
  return found ? `${lossText(found)}, ${comparedText(found)}` : "measure a neighbour to see the loss";
}
