// "The answer": title, two sentences, diagnosis, the six signs with their slices, and the switch of the arrows.

import { button, element } from "./elements.js";
import { bestSlice, sliceOf } from "./answer_session.js";
import { keyOf } from "./key_names.js";

const DIFFICULTY = ["", "easy", "moderate", "hard"];

/**
 * @param {HTMLElement} root  an empty element; hidden as long as there is nothing to show
 * @param {{signs: {name: string, key: string, label: string}[], synthetic: string, on: {goTo(slice), arrows(shown)}}} options
 */
export function createAnswerPanel(root, { signs, synthetic, on }) {
  const arrows = element("input", { type: "checkbox", id: "answer-arrows", onchange: () => on.arrows(arrows.checked) });
  const content = element("div", { class: "vfrac-answer-content" });
  const problem = element("p", { class: "vfrac-error", role: "alert" });
  const switches = element("div", { class: "vfrac-answer-content" },
    element("label", {}, arrows, " Arrows ", keyOf("toggle-answer", "kbd")), element("p", { class: "vfrac-hint" }, synthetic));
  root.replaceChildren(content, switches, problem);
  root.hidden = true;
  let drawn = null;

  /** @param {import("./answer_session.js").AnswerSession} session */
  function show({ answer, arrowsShown, problem: text }) {
    root.hidden = !answer && !text;
    problem.textContent = text;
    switches.hidden = !answer;
    arrows.checked = Boolean(answer) && arrowsShown;
    if (answer === drawn) return;
    drawn = answer;
    content.replaceChildren(...(answer ? body(answer) : []));
  }

  function body(answer) {
    const { truth } = answer;
    return [
      element("h2", {}, `Example ${answer.number}: ${answer.title}`),
      ...answer.sentences.map((sentence) => element("p", {}, sentence)),
      element("p", {}, element("strong", {}, capital(truth.diagnosis)), ` · ${truth.vertebral_level} · `, slices(bestSlice(answer)), ` · ${DIFFICULTY[answer.difficulty]}`),
      element("ul", { class: "vfrac-answer-signs" }, ...signs.map((sign) => line(answer, sign)), ...findings(answer)),
    ];
  }

  /** One of the six: a shape and a word, never colour alone; what is present leads to its slice. */
  function line(answer, { name, key, label }) {
    const present = answer.truth.signs[name] === "present";
    const slice = present ? sliceOf(answer, name) : null;
    return element("li", { "data-sign": name, "data-present": String(present) },
      element("span", { "aria-hidden": "true" }, present ? "●" : "○"), element("kbd", {}, key), element("span", {}, label),
      slice === null ? element("span", { class: "vfrac-word" }, present ? "present" : "absent") : slices(slice));
  }

  /** What the example is about besides the six. */
  function findings(answer) {
    return answer.arrows.filter(({ sign }) => sign === null).map(({ finding, slice_index: slice }) =>
      element("li", { "data-present": "true" }, element("span", { "aria-hidden": "true" }, "●"), element("kbd", {}, "!"),
        element("span", {}, capital(finding)), slices(slice)));
  }

  const slices = (slice) => button(`slice ${slice + 1}`, () => on.goTo(slice));

  return { show };
}

const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);
