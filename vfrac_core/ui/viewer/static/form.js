// The reading's form: shows a reading, and tells of each change with a new reading. It keeps no answers of its own, so that
// keys, the box on the picture, a restored draft and (later) undo all look the same to it.

import { button, element } from "./elements.js";
import { createLock } from "./form_lock.js";
import { createHeightPanel } from "./height_panel.js";
import { keyOf, withKey } from "./key_names.js";
import { leaveList } from "./leave_list.js";
import { ANSWERS, answerSign, diagnose, othersAbsent, signsAnswered } from "./reading.js";
import { createSignButton } from "./sign_buttons.js";
import { signDrawing } from "./sign_drawings.js";

const COMPRESSION = "vertebral_compression"; // the sign that the height aid measures
const BESIDE = "This case is open in another tab too: what is saved there appears here.";
const CONFIDENCE = ["guess", "unsure", "fair", "sure", "certain"];

/**
 * @param root      an empty <form>
 * @param signs     [{name, key, label, present_when, look_here, does_not_count}]
 * @param answerRoot where the answer of an example comes to stand after the submission
 * @param on        {change(reading), submit(), correct(), reason(text), sendCorrection(reason), cancelCorrection(), discard(), mark(),
 *                  measure(), goTo(slice), mapOf(sign), ai(), name(), step(±1), flag(), nextUnread()}
 */
export function createForm(root, { signs, levels, answerRoot, on }) {
  let reading = null;
  const change = (next) => on.change(next);
  const parts = {
    head: createHead(on),
    ai: createAiSwitch(on),
    assisted: element("p", { id: "assisted", class: "vfrac-hint" }),
    beside: element("p", { id: "beside", class: "vfrac-hint", role: "status", hidden: true }, BESIDE),
    box: createBoxLine(),
    level: createLevel(levels, (vertebral_level) => change({ ...reading, vertebral_level })),
    marks: createMarks(on),
    heights: createHeightPanel({
      measure: on.measure, remove: () => change({ ...reading, heights: null }),
      answer: (answer) => change(answerSign(reading, COMPRESSION, answer)),
    }),
    signs: createSigns(signs, (name, answer) => change(answerSign(reading, name, answer)), on.mapOf),
    others: button("All others absent", () => change(othersAbsent(reading, signs)), { id: "others-absent", "data-answers": true }),
    diagnosis: createChoice("diagnosis", "Diagnosis", [["benign", "Benign", "diagnosis-benign"], ["malignant", "Malignant", "diagnosis-malignant"]],
      (value) => change(diagnose(reading, signs, value))),
    confidence: createChoice("confidence", "Confidence", CONFIDENCE.map((word, i) => [String(i + 1), `${i + 1} ${word}`]),
      (value) => change({ ...reading, confidence: Number(value) })),
    comment: element("textarea", { id: "comment", rows: 3, maxlength: 2000, oninput: (e) => change({ ...reading, comment: e.target.value }) }),
    missing: element("p", { id: "missing", class: "vfrac-error", role: "alert" }),
    lock: createLock(on),
  };
  parts.lock.root.prepend(parts.missing); // in the footer, which is always in sight
  root.replaceChildren(parts.head.root, answerRoot, ...body(parts), parts.lock.root);
  root.noValidate = true;
  root.addEventListener("submit", (event) => { event.preventDefault(); on.submit(); });

  /** @param state {title, reading, slice, slices, spacing, locked, submitted, correcting, reason, late, ai: "off"|"on", aiFree, assisted: what was seen} */
  function show(state) {
    reading = state.reading;
    parts.head.title(state.title);
    parts.head.flag(reading.flagged);
    parts.ai.show(state);
    parts.assisted.textContent = state.assisted ? `You saw ${state.assisted} for this case in Explore: your reading counts as assisted.` : "";
    parts.assisted.hidden = !state.assisted;
    parts.box.show(reading, state.slices);
    parts.level.show(reading.vertebral_level);
    parts.marks.show(reading.marked_slices, state);
    parts.heights.show(reading.heights, state.spacing, reading.signs[COMPRESSION]);
    parts.signs.show(reading.signs);
    parts.diagnosis.show(reading.diagnosis, signsAnswered(reading, signs) ? "" : "Answer all six signs first.");
    parts.confidence.show(reading.confidence === null ? null : String(reading.confidence));
    if (parts.comment.value !== reading.comment) parts.comment.value = reading.comment;
    for (const part of root.querySelectorAll("[data-answers]")) part.disabled = state.locked;
    parts.lock.show(state);
  }

  /** Name in words what is missing; with `focus`, go to the first. */
  function showMissing(items, { focus = false } = {}) {
    parts.missing.textContent = items.length ? `Still missing: ${items.map(({ text }) => text).join(", ")}.` : "";
    for (const named of root.querySelectorAll("[data-missing]")) delete named.dataset.missing;
    for (const { id } of items) if (id) find(id).dataset.missing = "";
    const first = items.find(({ id }) => id);
    if (first && focus) focusOn(find(first.id));
  }

  const find = (id) => root.querySelector(`#${CSS.escape(id)}`);

  return {
    show, showMissing,
    /** The AI's answers stand beside the reader's; null: nothing stands there. */
    showSigns: parts.signs.showAi,
    saveState: parts.head.saveState,
    focusNext: parts.head.focusNext,
    focusLevel: () => find("vertebral-level").focus(),
    focusReason: parts.lock.focusReason,
    /** Whether another tab of this browser has the case open too. */
    beside: (open) => { parts.beside.hidden = !open; },
    reveal: (id) => find(id).scrollIntoView({ block: "nearest" }),
  };
}

function body({ ai, assisted, beside, box, level, marks, heights, signs, others, diagnosis, confidence, comment }) {
  const answers = (...children) => element("fieldset", { class: "vfrac-plain", "data-answers": true }, ...children);
  return [
    element("div", { class: "vfrac-row" }, ai.root), assisted, beside,
    answers(level.root, box.root, marks.root),
    answers(heights.root),
    element("div", { class: "vfrac-plain" }, element("div", { class: "vfrac-row vfrac-between" }, element("h3", {}, "Six signs"), others), ...signs.roots),
    answers(diagnosis.root, confidence.root, element("label", { for: "comment" }, "Comment"), comment),
  ];
}

/** Title, ways to the other cases, the flag and the save state: always in sight. */
function createHead(on) {
  const title = element("h2", {});
  const flagWord = element("span");
  const flag = button("", on.flag, { id: "flag", "data-action": "toggle-flag", "data-answers": true });
  flag.append(...withKey(flagWord, "toggle-flag"));
  const unread = button("Next unread »", on.nextUnread, { id: "next-unread", "data-action": "next-unread" });
  const name = button("", on.name, { id: "give-name", hidden: true });
  name.append(...withKey("Give a name", "save-draft"));
  const state = element("p", { id: "save-state", role: "status", "aria-live": "polite", "data-tone": "quiet" }, "not saved yet");
  const root = element("header", { class: "vfrac-head" },
    element("div", { class: "vfrac-row vfrac-between" }, title,
      element("span", { class: "vfrac-row" },
        button("‹ Prev", () => on.step(-1), { id: "previous-case", "data-action": "previous-case", "aria-label": "Previous case" }),
        button("Next ›", () => on.step(1), { id: "next-case", "data-action": "next-case", "aria-label": "Next case" }))),
    element("div", { class: "vfrac-row vfrac-between" }, flag, unread),
    state, name);
  return {
    root,
    title: (text) => { title.textContent = text; },
    flag(flagged) {
      flagWord.textContent = flagged ? "⚑ Flagged" : "⚐ Flag";
      flag.setAttribute("aria-pressed", String(flagged));
    },
    focusNext: () => unread.focus({ preventScroll: true }),
    saveState({ text, tone, asksName = false }) {
      if (state.textContent !== text) state.textContent = text; // else it would be read out again
      state.dataset.tone = tone;
      name.hidden = !asksName;
    },
  };
}

function createAiSwitch(on) {
  const words = element("span");
  const root = button("", on.ai, { id: "ai-toggle" });
  root.append(...withKey(words, "toggle-ai"));
  return {
    root,
    show({ ai, aiFree }) {
      root.setAttribute("aria-pressed", String(ai === "on"));
      words.textContent = ai === "on" ? "AI on – switch off" : `AI off – ${aiFree ? "switch on" : "switching on is recorded"}`;
    },
  };
}

function createBoxLine() {
  const drawn = element("span");
  const wanted = element("span", {}, ...withKey("No box yet: draw it around the worst vertebra", "box-tool"), ".");
  return {
    root: element("p", { id: "reading-box", tabindex: "-1" }, drawn, wanted),
    show({ box, slice_index: slice }, slices) {
      drawn.textContent = box ? `Box drawn on slice ${slice + 1} of ${slices}.` : "";
      wanted.hidden = Boolean(box);
    },
  };
}

function createLevel(levels, onChange) {
  const name = (level) => (level === "unknown" ? "Unknown" : level);
  const select = element("select", { id: "vertebral-level", onchange: () => onChange(select.value || null), onkeydown: leaveList },
    element("option", { value: "" }, "Choose …"), ...levels.map((level) => element("option", { value: level }, name(level))));
  return {
    root: element("div", { class: "vfrac-row" }, element("label", { for: "vertebral-level" }, "Vertebral level"), select),
    show: (level) => { select.value = level ?? ""; },
  };
}

/** The slices that are clearly abnormal: labels for training, 3 to 5 a case. */
function createMarks(on) {
  const mark = button("", on.mark, { id: "mark-slice", "data-action": "mark-slice" });
  const list = element("ul", { class: "vfrac-marks", "aria-label": "Marked slices" });
  return {
    root: element("div", { class: "vfrac-row" }, mark, list),
    show(marked, { slice }) {
      const isMarked = marked.includes(slice);
      mark.textContent = slice === null ? "Mark this slice" : `${isMarked ? "Unmark" : "Mark"} slice ${slice + 1}`;
      mark.setAttribute("aria-pressed", String(isMarked));
      if (list.dataset.marked === String(marked)) return; // keeps the focus on a chip
      list.dataset.marked = String(marked);
      list.replaceChildren(...marked.map((one) => element("li", {},
        button(String(one + 1), () => on.goTo(one), { "aria-label": `Go to marked slice ${one + 1}` }))));
      if (!marked.length) list.append(element("li", { class: "vfrac-hint" }, "optional: the 3–5 slices that are clearly abnormal"));
    },
  };
}

function createSigns(signs, onAnswer, onMap) {
  const rows = signs.map((sign) => createSign(sign, (answer) => onAnswer(sign.name, answer), onMap));
  return {
    roots: rows.map(({ root }) => root),
    show: (answers) => rows.forEach((row, i) => row.show(answers[signs[i].name])),
    showAi: (answers) => rows.forEach((row, i) => row.showAi(answers?.[signs[i].name])),
  };
}

/**
 * One sign: letter, name, definition and drawing, three answers and the AI's, and what to look at and what does not count. Each input
 * is locked by itself: the AI's button is no answer of the reader's.
 */
function createSign(sign, onAnswer, onMap) {
  const definition = `${sign.name}-definition`;
  const inputs = ANSWERS.map(({ value }) => element("input", { type: "radio", name: sign.name, value, "data-answers": true, onchange: () => onAnswer(value) }));
  const labels = ANSWERS.map(({ label }, i) => element("label", {}, inputs[i], label));
  const ai = createSignButton(sign.name, onMap);
  const root = element("fieldset", { id: `sign-${sign.name}`, class: "vfrac-sign", role: "radiogroup", "aria-describedby": definition },
    element("legend", {}, keyOf(`sign-${sign.name}`, "kbd"), sign.label),
    element("div", { class: "vfrac-meaning" }, element("p", { id: definition, class: "vfrac-definition" }, sign.present_when), signDrawing(sign.name)),
    element("div", { class: "vfrac-answers" }, ...labels, ai.root),
    element("details", {}, element("summary", {}, "Where to look, what does not count"),
      element("p", {}, element("strong", {}, "Look here: "), sign.look_here),
      element("p", {}, element("strong", {}, "Does not count: "), sign.does_not_count)));
  return {
    root,
    show(answer) {
      for (const input of inputs) input.checked = input.value === answer;
      root.dataset.answer = answer ?? "";
    },
    showAi: ai.show,
  };
}

/** One row of radio buttons: [value, label, what a key of its own does]. A hint disables it and says why. */
function createChoice(id, legend, choices, onAnswer) {
  const inputs = choices.map(([value]) => element("input", { type: "radio", name: id, value, onchange: () => onAnswer(value) }));
  const labels = choices.map(([, label, id], i) => element("label", {}, inputs[i], id && keyOf(id, "kbd"), label));
  const why = element("p", { id: `${id}-hint`, class: "vfrac-hint" });
  const root = element("fieldset", { id, class: "vfrac-choice", role: "radiogroup", "aria-describedby": why.id, tabindex: "-1" },
    element("legend", {}, legend), why, element("div", { class: "vfrac-answers" }, ...labels));
  return {
    root,
    show(answer, hint = "") {
      for (const input of inputs) {
        input.checked = input.value === answer;
        input.disabled = hint !== "";
      }
      why.textContent = hint;
      why.hidden = !hint;
    },
  };
}

function focusOn(part) {
  const target = part.matches("select, [tabindex]") && !part.querySelector("input:not(:disabled)") ? part : part.querySelector("input:not(:disabled)");
  (target ?? part).focus({ preventScroll: true });
  part.scrollIntoView({ block: "nearest" });
}
