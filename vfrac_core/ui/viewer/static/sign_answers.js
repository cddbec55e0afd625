// What the network's sign head says, in numbers and words. No elements here: sign_buttons.js makes them.

const FIRST = "malignant"; // the map that is shown until a sign's is wanted
const COUNTED = ["", "one slice", "two slices", "three slices", "four slices", "five slices"]; // fewer at the stack's ends

/**
 * @typedef {{name: string, label: string}} Sign
 * @typedef {{text: string, share: number, pressed: boolean, title: string, spoken: string}} SignAnswer
 *   `share`: the probability, for the bar; `pressed`: the map on the picture is this sign's; `spoken`: for screen readers
 */

/**
 * The case's answer for each sign: the highest of the five slices (decision 90). Null while the AI may not be seen, and for weights
 * without a sign head; a sign's own is null while the AI is asked.
 * @param {Sign[]} signs
 * @param {{mode: "live"|"off"|"locked", knowsSigns: boolean, signs: Object<string, number>|null, patient: {count: number}|null,
 *          cam: {target: string}, weights: {name?: string}}} ai
 * @returns {Object<string, SignAnswer|null>|null}  by the sign's name
 */
export function signAnswers(signs, { mode, knowsSigns, signs: probabilities, patient, cam, weights }) {
  if (mode !== "live" || !knowsSigns) return null;
  return Object.fromEntries(signs.map(({ name, label }) => {
    if (!probabilities || !patient) return [name, null];
    const pressed = cam.target === name;
    const text = `AI ${probabilities[name].toFixed(2)}`;
    const title = `${label}: highest of the ${COUNTED[patient.count]}. Weights: ${weights.name}. Click for ${pressed ? "the malignant map" : "its map"}.`;
    return [name, { text, share: probabilities[name], pressed, title, spoken: `${text}, map of ${inWords(label)}` }];
  }));
}

/** Tells a host the answers for the signs whenever they have changed, and only then. */
export class SignTeller {
  #signs;
  #tell;
  #told = "null";

  /** @param {Sign[]} signs  @param {(answers: Object<string, SignAnswer|null>|null) => void} tell */
  constructor(signs, tell) {
    this.#signs = signs;
    this.#tell = tell;
  }

  /** @param {Parameters<typeof signAnswers>[1]|null} ai  null: no case is open */
  tell(ai) {
    const answers = ai && signAnswers(this.#signs, ai);
    const told = JSON.stringify(answers);
    if (told === this.#told) return;
    this.#told = told;
    this.#tell(answers);
  }
}

/** The target after a click on a sign: its map, or the malignant one again. */
export function targetAfterClick(target, name) {
  return target === name ? FIRST : name;
}

/** Whether a map speaks for a sign; else it is the malignant or the benign one. */
export function isSign(signs, target) {
  return signs.some(({ name }) => name === target);
}

/** What a map speaks for, as it is written beside it: "bone destruction". */
export function targetWords(signs, target) {
  const sign = signs.find(({ name }) => name === target);
  return sign ? inWords(sign.label) : target;
}

/**
 * The evidence by which a map is faded (decision 6): p for malignant, 1 − p for benign, a sign's own p.
 * @param {{probability: number, signs?: Object<string, number>|null}} answer  for one slice
 */
export function evidenceOf({ probability, signs = null }, target) {
  if (target === "benign") return 1 - probability;
  return signs?.[target] ?? (target === FIRST ? probability : 0);
}

/** The slices' answers as the strip shows them: of the malignancy, or of the sign whose map is shown. */
export function answersFor(signs, answers, target) {
  if (!isSign(signs, target)) return answers;
  const known = [...answers].filter(([, answer]) => answer.signs);
  return new Map(known.map(([slice, answer]) => [slice, { probability: answer.signs[target] }]));
}

const inWords = (label) => label.charAt(0).toLowerCase() + label.slice(1);
