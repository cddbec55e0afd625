// The cases and how far this reader has got. State is told by a word and a shape, never by colour alone.

import { button, element } from "./elements.js";

const STATES = { todo: ["○", "to do"], draft: ["◐", "draft"], submitted: ["●", "done"] };

/** Where the page opens: the draft that the reader left, else the first case to do, else the first of all. */
export function firstToOpen(cases) {
  const found = cases.find(({ state }) => state === "draft") ?? cases.find(({ state }) => state === "todo") ?? cases[0];
  return found?.case ?? null;
}

/** The case `step` places further in the list, or null at its ends. */
export function neighbour(cases, current, step) {
  const at = cases.findIndex((one) => one.case === current);
  return at < 0 ? null : cases[at + step]?.case ?? null;
}

export function progressText(cases) {
  const done = cases.filter(({ state }) => state === "submitted").length;
  const drafts = cases.filter(({ state }) => state === "draft").length;
  return `${done} of ${cases.length} done${drafts ? `, ${drafts} in draft` : ""}`;
}

/** Annotate: a list beside the picture, folded into one bar on narrow screens. */
export function createWorklist(root, { onOpen }) {
  const progress = element("span", { class: "vfrac-progress" });
  const list = element("ol", { class: "vfrac-cases" });
  const making = element("p", { class: "vfrac-making", role: "status" });
  const fold = element("details", { open: !isNarrow() },
    element("summary", {}, element("strong", {}, "Worklist"), " ", progress), making, list);
  let shown = null;
  root.replaceChildren(fold);

  function show(cases, current) {
    progress.textContent = progressText(cases);
    const focused = list.contains(document.activeElement) ? document.activeElement.dataset.case : null;
    list.replaceChildren(...cases.map((one) => element("li", {}, item(one, one.case === current))));
    if (focused) list.querySelector(`[data-case="${CSS.escape(focused)}"]`)?.focus();
    if (shown === current) return; // the list grew or a state changed: it stays where it was scrolled to
    shown = current;
    const marked = list.querySelector("[aria-current]");
    if (marked) list.scrollTop = marked.offsetTop - list.clientHeight / 2;
  }

  function item({ case: id, title, state, synthetic }, isCurrent) {
    const [shape, word] = STATES[state] ?? STATES.todo;
    return element("button", {
      type: "button", onclick: () => onOpen(id), "data-case": id, "data-state": state, "aria-current": isCurrent ? "true" : null,
      title: synthetic ? `${title}: synthetic` : title,
    }, element("span", { class: "vfrac-shape", "aria-hidden": "true" }, shape),
    element("span", { class: "vfrac-title" }, title), element("span", { class: "vfrac-word" }, word));
  }

  return { show, making: (text) => { making.textContent = text; } };
}

/** Explore: one select over the picture, and the button for the answer. */
export function createCaseSelect(root, { onOpen, onAnswer }) {
  const making = element("span", { class: "vfrac-making", role: "status" });
  const answer = button("Show the answer", onAnswer, { id: "show-answer", title: "Show the answer (E)", hidden: true });
  const select = element("select", { id: "case-select", onchange: () => onOpen(select.value) });
  const step = (by) => { const next = select.options[select.selectedIndex + by]; if (next) onOpen(next.value); };
  root.replaceChildren(
    element("label", { for: "case-select" }, "Case"), select,
    button("‹", () => step(-1), { "aria-label": "Previous case", title: "Previous case (P)" }),
    button("›", () => step(1), { "aria-label": "Next case", title: "Next case (N)" }), answer, making);

  /** What is there stays in place, so that a list that is open does not close when it grows. */
  function show(cases, current) {
    const options = new Map([...select.options].map((option) => [option.value, option]));
    cases.forEach(({ case: id, title, synthetic }, i) => {
      const option = options.get(id) ?? element("option", { value: id });
      const text = synthetic ? `${title} · synthetic` : title;
      if (option.textContent !== text) option.textContent = text;
      if (select.options[i] !== option) select.insertBefore(option, select.options[i] ?? null);
    });
    while (select.options.length > cases.length) select.lastChild.remove();
    select.value = current ?? "";
  }

  return {
    show,
    making: (text) => { making.textContent = text; },
    /** @param {{offered: boolean, busy: boolean}} session */
    answer({ offered, busy }) {
      answer.hidden = !offered;
      answer.disabled = busy;
    },
  };
}

const isNarrow = () => window.matchMedia("(max-width: 1180px)").matches; // as in form.css
