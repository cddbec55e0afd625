// The network's answer beside a sign: a button with the number and a bar, which shows the sign's map. Beside the reader's
// own answers in Annotate, as a list in Explore.

import { element } from "./elements.js";

/**
 * `show`: an answer, null to keep the place of one that is on its way, undefined where none will come.
 * @returns {{root: HTMLButtonElement, show: (answer: import("./sign_answers.js").SignAnswer|null|undefined) => void}}
 */
export function createSignButton(name, onClick) {
  const number = element("span", { class: "vfrac-sign-number" });
  const bar = element("span", { class: "vfrac-sign-bar", "aria-hidden": "true" }, element("span"));
  const root = element("button", { type: "button", class: "vfrac-sign-ai", "data-sign-ai": name, hidden: true, onclick: () => onClick(name) }, number, bar);
  return {
    root,
    show(answer) {
      root.hidden = answer === undefined;
      root.style.visibility = answer ? "" : "hidden"; // the form must not jump while a box is dragged
      number.textContent = answer?.text ?? "";
      root.title = answer?.title ?? "";
      root.setAttribute("aria-label", answer?.spoken ?? "");
      root.setAttribute("aria-pressed", String(Boolean(answer?.pressed)));
      bar.firstChild.style.width = `${100 * (answer?.share ?? 0)}%`;
    },
  };
}

/** All six, for a page without a form. Hidden as long as there is nothing to show. */
export function createSignList(signs, onClick) {
  const buttons = signs.map(({ name }) => createSignButton(name, onClick));
  const rows = signs.map(({ label }, i) => element("li", {}, element("span", {}, label), buttons[i].root));
  const root = element("section", { class: "ctv-signs", "aria-label": "Signs", hidden: true },
    element("h3", {}, "Six signs"), element("ul", {}, ...rows));
  return {
    root,
    /** @param answers  of sign_answers.js: by the sign's name, or null */
    show(answers) {
      root.hidden = !answers;
      signs.forEach(({ name }, i) => buttons[i].show(answers?.[name]));
    },
  };
}
