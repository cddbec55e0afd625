// A reading is a plain object that is never changed, only replaced: the form, the box, the keys and (later) undo all go
// through these functions. Null means "not answered yet"; there are no defaults.

/** @typedef {{vertebral_level: ?string, slice_index: ?number, box: ?number[], marked_slices: number[],
 *   signs: Object<string, "absent"|"present"|"not_assessable">, diagnosis: ?string, confidence: ?number, comment: string,
 *   slice_boxes: Object<string, number[]>, heights: ?{slice_index: number, worst: number[][], above?: number[][], below?: number[][]},
 *   flagged: boolean}} Reading  `slice_boxes`: boxes of single slices that differ from `box` */

export const ANSWERS = Object.freeze([
  { value: "absent", label: "Absent" },
  { value: "present", label: "Present" },
  { value: "not_assessable", label: "Not assessable" },
]);

/** @returns {Reading} */
export function emptyReading() {
  return {
    vertebral_level: null, slice_index: null, box: null, marked_slices: [],
    signs: {}, diagnosis: null, confidence: null, comment: "", slice_boxes: {}, heights: null, flagged: false,
  };
}

export const answerSign = (reading, name, answer) => ({ ...reading, signs: { ...reading.signs, [name]: answer } });

/** What a sign's letter does: present at first, then between present and absent. */
export const toggleSign = (reading, name) => answerSign(reading, name, reading.signs[name] === "present" ? "absent" : "present");

/** Answer every sign that has no answer yet with "absent". */
export function othersAbsent(reading, signs) {
  const absent = Object.fromEntries(signs.map(({ name }) => [name, "absent"]));
  return { ...reading, signs: { ...absent, ...reading.signs } };
}

/** The reader wants to come back to the case, or no longer. */
export const toggleFlag = (reading) => ({ ...reading, flagged: !reading.flagged });

export const signsAnswered = (reading, signs) => signs.every(({ name }) => reading.signs[name]);

/** The diagnosis comes after the six signs, never before: made first, it would colour them. */
export const diagnose = (reading, signs, diagnosis) => (signsAnswered(reading, signs) ? { ...reading, diagnosis } : reading);

/** What submitting still needs, in the order of the form: `id` is the element to go to, `text` its name in words. */
export function missing(reading, signs) {
  return needed(signs).filter(({ answer }) => !answer(reading)).map(({ id, text }) => ({ id, text }));
}

/** The same for what the server found missing; it tells the plain names ("vertebral level", a sign's label). */
export function missingByName(names, signs) {
  const items = new Map(needed(signs).map(({ name, id, text }) => [name, { id, text }]));
  return names.map((name) => items.get(name) ?? { id: null, text: name });
}

const needed = (signs) => [
  { name: "vertebral level", id: "vertebral-level", text: "the vertebral level", answer: (reading) => reading.vertebral_level },
  { name: "box", id: "reading-box", text: "the box around the vertebra", answer: (reading) => reading.box },
  ...signs.map(({ name, label }) => (
    { name: label, id: `sign-${name}`, text: label.toLowerCase(), answer: (reading) => reading.signs[name] })),
  { name: "diagnosis", id: "diagnosis", text: "the diagnosis", answer: (reading) => reading.diagnosis },
  { name: "confidence", id: "confidence", text: "the confidence", answer: (reading) => reading.confidence },
];

/** Two readings with the same content; the order of keys does not matter. */
export const sameReading = (a, b) => JSON.stringify(canonical(a)) === JSON.stringify(canonical(b));

const canonical = (reading) => ({
  ...emptyReading(), ...reading, signs: Object.entries(reading.signs).sort(), slice_boxes: Object.entries(reading.slice_boxes ?? {}).sort(),
  heights: reading.heights ? ["slice_index", "worst", "above", "below"].map((name) => reading.heights[name] ?? null) : null,
});

/** For undo: typing in the comment is one step, whatever else is not. */
export const runOf = (before, after) => (sameReading({ ...before, comment: after.comment }, after) ? "comment" : null);
