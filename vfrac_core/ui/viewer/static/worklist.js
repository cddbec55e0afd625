// The cases and how far this reader has got. State is told by a word and a shape, never by colour alone.

import { button, element } from "./elements.js";
import { leaveList } from "./leave_list.js";
import { FILTERS, filterLabels, FLAG, progressText, STATES, wanted } from "./worklist_filter.js";
import { ORDERS, orderWords, USUAL } from "./worklist_order.js";

/**
 * Annotate: a list beside the picture with a filter over it, folded into one bar on narrow screens.
 * @param {{onOpen(caseId), onOrder(), tools: Element[]}} options  `tools` stand beside the filter
 */
export function createWorklist(root, { onOpen, onOrder, tools }) {
  const progress = element("span", { class: "vfrac-progress" });
  const bar = element("progress", { class: "vfrac-progress-bar", max: 1, value: 0, "aria-hidden": "true" });
  const filter = createFilter(() => show(...latest));
  const order = createOrder(onOrder);
  const list = element("ol", { class: "vfrac-cases" });
  const making = element("p", { class: "vfrac-making", role: "status" });
  const fold = element("details", { open: !isNarrow() },
    element("summary", {}, element("strong", {}, "Worklist"), " ", progress, bar),
    element("div", { class: "vfrac-row vfrac-tools" }, filter.select, ...tools),
    element("div", { class: "vfrac-row vfrac-tools" }, order.select), order.words, making, list);
  let latest = [[], null];
  let shown = null;
  root.replaceChildren(fold);

  function show(cases, current) {
    latest = [cases, current];
    progress.textContent = progressText(cases);
    bar.value = cases.length ? cases.filter(({ state }) => state === "submitted").length / cases.length : 0;
    filter.show(cases);
    const focused = list.contains(document.activeElement) ? document.activeElement.dataset.case : null;
    list.replaceChildren(...within(cases, current).map((one) => element("li", {}, item(one, one.case === current))));
    if (focused) list.querySelector(`[data-case="${CSS.escape(focused)}"]`)?.focus();
    if (shown === current) return; // the list grew or a state changed: it stays where it was scrolled to
    shown = current;
    const marked = list.querySelector("[aria-current]");
    if (marked) list.scrollTop = marked.offsetTop - list.clientHeight / 2;
  }

  function item({ case: id, title, state, flagged, synthetic }, isCurrent) {
    const [shape, word] = STATES[state] ?? STATES.todo;
    return element("button", {
      type: "button", onclick: () => onOpen(id), "data-case": id, "data-state": state, "data-flagged": String(Boolean(flagged)),
      "aria-current": isCurrent ? "true" : null, title: synthetic ? `${title}: synthetic` : title,
    }, element("span", { class: "vfrac-shape", "aria-hidden": "true" }, shape), element("span", { class: "vfrac-title" }, title),
    element("span", { class: "vfrac-word" }, flagged ? `${word} · ${FLAG.join(" ")}` : word));
  }

  const within = (cases, current) => wanted(cases, filter.select.value, current);

  return { show, within, making: (text) => { making.textContent = text; }, order: () => order.select.value, ordered: order.show };
}

/** The choice, and what it does in words. */
function createOrder(onOrder) {
  const options = ORDERS.map(({ id, label }) => element("option", { value: id }, label));
  const select = element("select", { id: "case-order", "aria-label": "Order of the cases", onchange: onOrder, onkeydown: leaveList }, ...options);
  const words = element("p", { class: "vfrac-making", id: "case-order-words", role: "status" });
  return {
    select,
    words,
    /** As the server has made it; refused, the usual one stays. */
    show: (order) => {
      select.value = order?.name ?? USUAL;
      const text = orderWords(order);
      if (words.textContent !== text) words.textContent = text;
    },
  };
}

/** The choice stays as it is while cases come and change. */
function createFilter(onChange) {
  const options = FILTERS.map(({ id, label }) => element("option", { value: id }, label));
  const select = element("select", { id: "case-filter", "aria-label": "Show", onchange: onChange, onkeydown: leaveList }, ...options);
  return {
    select,
    show: (cases) => filterLabels(cases).forEach(({ text }, i) => { if (options[i].textContent !== text) options[i].textContent = text; }),
  };
}

/** Explore: one select over the picture, and the button for the answer. */
export function createCaseSelect(root, { onOpen, onAnswer, tools }) {
  const making = element("span", { class: "vfrac-making", role: "status" });
  const answer = button("Show the answer", onAnswer, { id: "show-answer", "data-action": "toggle-answer", hidden: true });
  const select = element("select", { id: "case-select", onchange: () => onOpen(select.value) });
  const step = (by) => { const next = select.options[select.selectedIndex + by]; if (next) onOpen(next.value); };
  root.replaceChildren(
    element("label", { for: "case-select" }, "Case"), select,
    button("‹", () => step(-1), { "aria-label": "Previous case", "data-action": "previous-case" }),
    button("›", () => step(1), { "aria-label": "Next case", "data-action": "next-case" }), answer, ...tools, making);

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
    within: (cases) => cases, // no filter
    order: () => USUAL, // nor another order
    ordered: () => {},
    making: (text) => { making.textContent = text; },
    /** @param {{offered: boolean, busy: boolean}} session */
    answer({ offered, busy }) {
      answer.hidden = !offered;
      answer.disabled = busy;
    },
  };
}

const isNarrow = () => window.matchMedia("(max-width: 1180px)").matches; // as in form.css
