// One table of keys: read by the viewer, by the form and by the help. Keys are named by `event.code`, so that they stay
// where they are on any keyboard layout.

/**
 * @typedef {Object} Binding
 * @property {string} id      what it does; the viewer's own ids and the form's ids live in one table
 * @property {string[]} keys  such as "KeyR" or "Ctrl+Shift+ArrowUp"
 * @property {string} label   for tooltips and the help
 * @property {"Slices"|"Window"|"Box"|"View"|"AI"|"Answer"|"Reading"} group
 * @property {"box"} [when]   only while the box is selected; comes before the same key without a condition
 */

const SIGNS = [
  ["vertebral_compression", "KeyC", "Vertebral compression"],
  ["bone_cortex_interruption", "KeyX", "Bone cortex interruption"],
  ["paravertebral_soft_tissue_mass", "KeyM", "Paravertebral soft-tissue mass"],
  ["transverse_fracture_line", "KeyT", "Transverse fracture line"],
  ["multiple_segments", "KeyG", "Multiple segments"],
  ["bone_destruction", "KeyD", "Bone destruction"],
];

/** @type {readonly Binding[]} */
export const KEYMAP = Object.freeze([
  { id: "previous-slice", keys: ["ArrowUp"], label: "One slice towards the right", group: "Slices" },
  { id: "next-slice", keys: ["ArrowDown"], label: "One slice towards the left", group: "Slices" },
  { id: "five-slices-back", keys: ["PageUp"], label: "Five slices towards the right", group: "Slices" },
  { id: "five-slices-on", keys: ["PageDown"], label: "Five slices towards the left", group: "Slices" },
  { id: "first-slice", keys: ["Home"], label: "First slice", group: "Slices" },
  { id: "last-slice", keys: ["End"], label: "Last slice", group: "Slices" },
  { id: "mark-slice", keys: ["KeyA"], label: "Mark this slice as clearly abnormal", group: "Slices" },

  { id: "window-bone", keys: ["Digit1"], label: "Bone window", group: "Window" },
  { id: "window-soft", keys: ["Digit2"], label: "Soft-tissue window", group: "Window" },
  { id: "window-wide", keys: ["Digit3"], label: "Wide bone window", group: "Window" },
  { id: "window-header", keys: ["Digit4"], label: "Window of the series' header", group: "Window" },
  { id: "window-full", keys: ["Digit5"], label: "Full range", group: "Window" },

  { id: "box-tool", keys: ["KeyR"], label: "Draw or edit the box", group: "Box" },
  { id: "scroll-tool", keys: ["KeyS"], label: "Scroll by dragging", group: "Slices" },
  { id: "leave-box", keys: ["Escape"], label: "Leave the box", group: "Box" },
  { id: "delete-box", keys: ["Delete"], label: "Remove the box", group: "Box" },
  ...arrows("move", "", "", "Move the box by one pixel"),
  ...arrows("move", "-far", "Shift+", "Move the box by ten pixels"),
  ...arrows("resize", "", "Ctrl+", "Resize the box by one pixel"),
  ...arrows("resize", "-far", "Ctrl+Shift+", "Resize the box by ten pixels"),

  { id: "reset-view", keys: ["Space"], label: "Fit the slice into the view", group: "View" },
  { id: "toggle-linked", keys: ["KeyO"], label: "Axial and coronal view, on and off", group: "View" },
  { id: "toggle-ai", keys: ["KeyH"], label: "Show or hide the AI", group: "AI" },
  { id: "toggle-answer", keys: ["KeyE"], label: "Show the answer, then its arrows off and on", group: "Answer" },

  ...SIGNS.map(([name, key, label]) => ({ id: `sign-${name}`, keys: [key], label, group: "Reading" })),
  { id: "diagnosis-benign", keys: ["KeyB"], label: "Benign", group: "Reading" },
  { id: "diagnosis-malignant", keys: ["KeyV"], label: "Malignant (suspicious)", group: "Reading" },
  ...[1, 2, 3, 4, 5].map((n) => ({ id: `confidence-${n}`, keys: [`Shift+Digit${n}`], label: `Confidence ${n}`, group: "Reading" })),
  { id: "save-draft", keys: ["Enter", "NumpadEnter"], label: "Save the draft", group: "Reading" },
  { id: "submit", keys: ["Ctrl+Enter", "Ctrl+NumpadEnter"], label: "Submit and lock", group: "Reading" },
  { id: "next-case", keys: ["KeyN"], label: "Next case", group: "Reading" },
  { id: "previous-case", keys: ["KeyP"], label: "Previous case", group: "Reading" },
]);

/**
 * The id that a key press stands for, or null.
 * @param {{code: string, ctrlKey?: boolean, metaKey?: boolean, altKey?: boolean, shiftKey?: boolean}} event
 * @param {"box"|null} [context]  "box" while the box is selected
 * @param {readonly Binding[]} [keymap]
 */
export function actionOf(event, context = null, keymap = KEYMAP) {
  const pressed = combination(event);
  const fits = keymap.filter((binding) => binding.keys.includes(pressed));
  const first = fits.find((binding) => binding.when === context && context) ?? fits.find((binding) => !binding.when);
  return first ? first.id : null;
}

/** The name of a key press as the table writes it. The Mac's Command key counts as Ctrl. */
export function combination(event) {
  const parts = [event.ctrlKey || event.metaKey ? "Ctrl" : "", event.altKey ? "Alt" : "", event.shiftKey ? "Shift" : "", event.code];
  return parts.filter(Boolean).join("+");
}

/** "Ctrl+Shift+ArrowUp" as people read it: "Ctrl+Shift+↑". */
export function keyLabel(key) {
  const names = { ArrowUp: "↑", ArrowDown: "↓", ArrowLeft: "←", ArrowRight: "→", PageUp: "PgUp", PageDown: "PgDn", Escape: "Esc" };
  return key.split("+").map((part) => names[part] ?? part.replace(/^(Key|Digit)/, "")).join("+");
}

/** The binding of an id, for tooltips: "Bone window (1)". */
export function tooltip(id, keymap = KEYMAP) {
  const binding = keymap.find((one) => one.id === id);
  return binding ? `${binding.label} (${keyLabel(binding.keys[0])})` : "";
}

/** Whether a key press belongs to a text field, and must not be taken as a command. */
export function isTyping(target) {
  if (!target?.closest) return false;
  if (target.closest("textarea, select, [contenteditable=''], [contenteditable=true]")) return true;
  const input = target.closest("input");
  return Boolean(input) && !["radio", "checkbox", "button", "range", "submit"].includes(input.type);
}

/** Four bindings for the arrows of the selected box: ids such as "move-up", "resize-left-far". */
function arrows(verb, suffix, modifiers, label) {
  return ["Up", "Down", "Left", "Right"].map((way) => ({
    id: `${verb}-${way.toLowerCase()}${suffix}`, keys: [`${modifiers}Arrow${way}`], label, group: "Box", when: "box",
  }));
}
