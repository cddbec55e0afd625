// One table of keys and one of mouse actions: read by the viewer, by the form and by the help sheet. Keys are named by
// `event.code`, so that they stay where they are on any keyboard layout. A reader's own changes are in keys.js.

/**
 * @typedef {Object} Binding
 * @property {string} id      what it does; the viewer's own ids and the form's ids live in one table
 * @property {string[]} keys  such as "KeyR" or "Ctrl+Shift+ArrowUp"
 * @property {string} label   for tooltips and the help
 * @property {"Slices"|"Window"|"Box"|"Heights"|"View"|"AI"|"Answer"|"Reading"|"Help"} group
 * @property {"box"|"heights"} [when]   only while the box is selected, or heights are measured; comes before the same key without a condition
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
  { id: "mark-range", keys: ["Shift+KeyA"], label: "Mark from the nearest mark to this slice", group: "Slices" },

  { id: "window-bone", keys: ["Digit1"], label: "Bone window", group: "Window" },
  { id: "window-soft", keys: ["Digit2"], label: "Soft-tissue window", group: "Window" },
  { id: "window-wide", keys: ["Digit3"], label: "Wide bone window", group: "Window" },
  { id: "window-header", keys: ["Digit4"], label: "Window of the series' header", group: "Window" },
  { id: "window-full", keys: ["Digit5"], label: "Full range", group: "Window" },

  { id: "box-tool", keys: ["KeyR"], label: "Draw or edit the box", group: "Box" },
  { id: "scroll-tool", keys: ["KeyS"], label: "Scroll by dragging", group: "Slices" },
  { id: "leave-box", keys: ["Escape"], label: "Leave the box or the heights", group: "Box" },
  { id: "delete-box", keys: ["Delete"], label: "Remove the box", group: "Box" },
  { id: "slice-box", keys: ["KeyJ"], label: "Another box on this slice alone, or the case's again", group: "Box" },
  { id: "lock-aspect", keys: ["KeyQ"], label: "Keep the box's proportions", group: "Box" },
  ...arrows("move", "", "", "Move the box by one pixel"),
  ...arrows("move", "-far", "Shift+", "Move the box by ten pixels"),
  ...arrows("resize", "", "Ctrl+", "Resize the box by one pixel"),
  ...arrows("resize", "-far", "Ctrl+Shift+", "Resize the box by ten pixels"),

  { id: "height-tool", keys: ["KeyK"], label: "Measure heights, or end it", group: "Heights" },
  { id: "skip-body", keys: ["Enter", "NumpadEnter"], label: "Do not measure this neighbour", group: "Heights", when: "heights" },
  { id: "take-back-point", keys: ["Backspace"], label: "Take back the last point", group: "Heights", when: "heights" },
  { id: "remove-heights", keys: ["Delete"], label: "Remove the measurement", group: "Heights", when: "heights" },
  ...["Up", "Down", "Left", "Right"].map((way) => (
    { id: `point-${way.toLowerCase()}`, keys: [`Arrow${way}`], label: "Move the last point by one pixel", group: "Heights", when: "heights" })),

  { id: "reset-view", keys: ["Space"], label: "Fit the slice into the view", group: "View" },
  { id: "zoom-in", keys: ["Equal", "NumpadAdd"], label: "Zoom in", group: "View" },
  { id: "zoom-out", keys: ["Minus", "NumpadSubtract"], label: "Zoom out", group: "View" },
  ...["Up", "Down", "Left", "Right"].map((way) => (
    { id: `pan-${way.toLowerCase()}`, keys: [`Shift+Arrow${way}`], label: `Move the picture: ${way.toLowerCase()}`, group: "View" })),
  { id: "ruler-tool", keys: ["KeyU"], label: "Measure a distance", group: "View" },
  { id: "toggle-linked", keys: ["KeyO"], label: "Axial and coronal view, on and off", group: "View" },
  { id: "toggle-ai", keys: ["KeyH"], label: "Show or hide the AI", group: "AI" },
  { id: "compare", keys: ["KeyW"], label: "Malignant and benign map side by side", group: "AI" },
  { id: "toggle-answer", keys: ["KeyE"], label: "Show the answer, then its arrows off and on", group: "Answer" },

  ...SIGNS.map(([name, key, label]) => ({ id: `sign-${name}`, keys: [key], label, group: "Reading" })),
  ...SIGNS.map(([name, key, label]) => (
    { id: `unsure-${name}`, keys: [`Shift+${key}`], label: `${label}: not assessable`, group: "Reading" })),
  { id: "others-absent", keys: ["KeyY"], label: "All other signs absent", group: "Reading" },
  { id: "diagnosis-benign", keys: ["KeyB"], label: "Benign", group: "Reading" },
  { id: "diagnosis-malignant", keys: ["KeyV"], label: "Malignant (suspicious)", group: "Reading" },
  { id: "focus-level", keys: ["KeyL"], label: "Choose the vertebral level", group: "Reading" },
  { id: "toggle-flag", keys: ["KeyF"], label: "Flag the case, to come back to it", group: "Reading" },
  ...[1, 2, 3, 4, 5].map((n) => ({ id: `confidence-${n}`, keys: [`Shift+Digit${n}`], label: `Confidence ${n}`, group: "Reading" })),
  { id: "undo", keys: ["Ctrl+KeyZ"], label: "Undo", group: "Reading" },
  { id: "redo", keys: ["Ctrl+KeyY", "Ctrl+Shift+KeyZ"], label: "Redo", group: "Reading" },
  { id: "save-draft", keys: ["Enter", "NumpadEnter"], label: "Save the draft", group: "Reading" },
  { id: "submit", keys: ["Ctrl+Enter", "Ctrl+NumpadEnter"], label: "Submit and lock", group: "Reading" },
  { id: "next-case", keys: ["KeyN"], label: "Next case", group: "Reading" },
  { id: "next-unread", keys: ["Shift+KeyN"], label: "Next unread case", group: "Reading" },
  { id: "previous-case", keys: ["KeyP"], label: "Previous case", group: "Reading" },
  { id: "help", keys: ["Shift+Slash", "Slash", "F1"], label: "Keys and mouse", group: "Help" },
]);

/** What a mouse button can drag with, beside the tool of the toolbar. */
export const MOUSE_TOOLS = Object.freeze({
  "left-tool": "the tool of the toolbar: box, scroll or measure",
  "window-tool": "window: across for width, up and down for level",
  "pan-tool": "move the picture",
  "zoom-tool": "zoom: up and down",
  "scroll-drag": "scroll through the slices",
});

/** Buttons as the browser counts them. */
export const MOUSE = Object.freeze([
  { button: 0, label: "Left-drag", tool: "left-tool" },
  { button: 1, label: "Middle-drag", tool: "pan-tool" },
  { button: 2, label: "Right-drag", tool: "window-tool" },
]);

/** What cannot be changed, for the help sheet: [input, what it does]. */
export const GESTURES = Object.freeze([
  ["Wheel", "one slice per notch"],
  ["Ctrl+wheel", "zoom to the pointer"],
  ["Double-click beside the box", "fit the slice into the view"],
  ["Click on the box", "select it: arrows move it"],
  ["Drag on the strip", "scroll; with Shift: mark a range of slices"],
  ["One finger", "scroll through the slices"],
  ["Two fingers", "zoom and move the picture"],
  ["Long press", "draw the box from there"],
]);

/**
 * The id that a key press stands for, or null.
 * @param {{code: string, ctrlKey?: boolean, metaKey?: boolean, altKey?: boolean, shiftKey?: boolean}} event
 * @param {"box"|"heights"|null} [context]  "box" while the box is selected, "heights" while heights are measured
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
  if (event.key === "?") return "Shift+Slash"; // where it is on this keyboard
  const parts = [event.ctrlKey || event.metaKey ? "Ctrl" : "", event.altKey ? "Alt" : "", event.shiftKey ? "Shift" : "", event.code];
  return parts.filter(Boolean).join("+");
}

/** What only a page with a form can do. */
export function isOfReading({ id, group }) {
  return group === "Reading" && !["undo", "redo", "next-case", "previous-case"].includes(id);
}

/** "Ctrl+Shift+ArrowUp" as people read it: "Ctrl+Shift+↑". */
export function keyLabel(key) {
  if (key === "Shift+Slash") return "?";
  const names = {
    ArrowUp: "↑", ArrowDown: "↓", ArrowLeft: "←", ArrowRight: "→", PageUp: "PgUp", PageDown: "PgDn", Escape: "Esc",
    Equal: "+", NumpadAdd: "Num +", Minus: "−", NumpadSubtract: "Num −", Slash: "/",
  };
  return key.split("+").map((part) => names[part] ?? part.replace(/^(Key|Digit)/, "")).join("+");
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
