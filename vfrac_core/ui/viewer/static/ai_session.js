// What the AI has said about the box of the open case, and when it may be asked. Off and locked ask nothing.

import { SHOWN_METHOD, camWish } from "./cam_method.js";
import { centredSlices, sameBox } from "./geometry.js";
import { DEFAULT_SLICES, Predictions } from "./predictions.js";

const CLASSES = ["malignant", "benign"]; // of the maps; any other target is a sign

/**
 * @typedef {"live"|"off"|"locked"} AiMode
 * @typedef {{probability: number, signs: Object<string, number>|null, cam: {layer: string, grid: number[][]}|null, target: string,
 *   box: number[]}} SliceAnswer  `signs`: by their names, null for weights without a sign head
 */

export class AiSession {
  /** @type {AiMode} */
  mode = "off";
  cam = { shown: true, opacity: 0.6, native: false, target: "malignant", method: SHOWN_METHOD };
  /** @type {Map<number, SliceAnswer>} */
  answers = new Map();
  /** @type {{probability: number, slice: number, count: number}|null} */
  patient = null;
  /** @type {Object<string, number>|null}  the case's, by the signs' names */
  signs = null;
  knowsSigns = false; // the weights have a sign head, as far as they have answered
  runtime = "";
  /** @type {{fold: number, folds: number, live: boolean}|null} of a case that the network has learned from */
  outOfFold = null;
  /** What is known of the weights that gave the answers: they may be newer than the case's. @type {Partial<import("./case_state.js").Weights>} */
  weights = {};
  busy = false;
  #caseId = null;
  #asked = null; // {box, slice, slices, own}: `own` has boxes of single slices
  #predictions;

  /** @param {{send: (body: Object, signal: AbortSignal) => Promise<Object>, onChange: () => void, onError: (message: string) => void}} host */
  constructor({ send, onChange, onError }) {
    this.onChange = onChange;
    this.#predictions = new Predictions({
      send,
      onAnswer: (answer, question, purpose) => this.#take(answer, question, purpose),
      onError: (message) => { this.#keepExact(); onError(message); onChange(); },
      onBusy: (busy) => { this.busy = busy; onChange(); },
    });
  }

  /** Another case: nothing of the one before may remain, not even a map method that this case does not offer, or a sign's map. */
  open(caseId, mode, methods = null) {
    if (!methods?.includes(this.cam.method)) this.cam.method = SHOWN_METHOD;
    this.#leaveSigns();
    this.#caseId = caseId;
    this.mode = mode;
    this.weights = {};
    this.forget();
  }

  /** The reader, or the host, switches the AI; what it said is gone when it is not live. */
  setMode(mode) {
    this.mode = mode;
    if (mode === "live") return;
    this.#leaveSigns();
    this.forget();
  }

  /** The slices that make the patient's probability. */
  get defaults() {
    return this.#asked ? centredSlices(this.#asked.slice, this.#asked.slices, DEFAULT_SLICES) : [];
  }

  /** No box: no answers. */
  forget() {
    this.#predictions.forget();
    this.#asked = null;
    this.patient = this.signs = this.outOfFold = null;
    this.answers.clear();
  }

  /**
   * A box is being dragged on `shown`; `fresh` begins a new box, about which nothing is known.
   * @param {{box: number[], slice: number, slices: number, own: Object<string, number[]>}} asked
   */
  moving(asked, shown, fresh) {
    this.patient = this.signs = null;
    this.#asked = asked;
    this.#keep((_, index) => index === shown && !fresh);
    if (this.mode === "live") this.#predictions.live(asked, shown, camWish(this.cam));
  }

  /** The box rests, or the AI was switched on, or another map is wanted. */
  settled(asked) {
    this.#asked = asked;
    if (this.mode === "live") this.#predictions.settled(asked, camWish(this.cam));
  }

  /** Another target or method: the maps are of no use any more, the probabilities are. */
  wantCam(change) {
    Object.assign(this.cam, change);
    if (!("target" in change || "method" in change) || !this.#asked) return;
    for (const answer of this.answers.values()) answer.cam = null;
    this.settled(this.#asked);
  }

  /** Where the signs' buttons are gone nobody could leave a sign's map. */
  #leaveSigns() {
    this.knowsSigns = false;
    if (!CLASSES.includes(this.cam.target)) this.cam.target = CLASSES[0];
  }

  #take(answer, question, purpose) {
    const exact = sameBoxes(question, this.#asked);
    if (answer.case !== this.#caseId || (purpose !== "live" && !exact)) return;
    this.#takeWeights(answer);
    if (purpose === "default") {
      this.#keepExact();
      this.patient = patientOf(answer);
      this.signs = answer.patient_signs ?? null;
      this.knowsSigns = this.signs !== null;
    }
    const { target, method } = question.cam;
    const isWanted = target === this.cam.target && method === this.cam.method; // else another map was wanted meanwhile
    for (const { slice, probability, signs = null, cam } of answer.slices) {
      this.answers.set(slice, { probability, signs, cam: isWanted ? cam : null, target, box: boxOn(question, slice) });
    }
    this.outOfFold = answer.out_of_fold ?? null;
    this.runtime = answer.runtime ?? "";
    this.onChange();
  }

  /** The server may have changed its weights since the last answer: answers of two networks are never shown together. */
  #takeWeights({ weights: name = "", network }) {
    if (this.weights.name && this.weights.name !== name) {
      this.answers.clear();
      this.patient = null;
    }
    this.weights = { ...network, name };
  }

  /** Only what was said about the boxes as they are now. */
  #keepExact() {
    this.#keep((answer, slice) => sameBox(answer.box, this.#asked && boxOn(this.#asked, slice)));
  }

  #keep(wanted) {
    for (const [slice, answer] of this.answers) if (!wanted(answer, slice)) this.answers.delete(slice);
  }
}

/** The box that was asked about on a slice. */
function boxOn({ box, own }, slice) {
  return own[slice] ?? box;
}

function sameBoxes(a, b) {
  if (!a || !b) return false;
  const slices = new Set([...Object.keys(a.own), ...Object.keys(b.own)]);
  return sameBox(a.box, b.box) && [...slices].every((slice) => sameBox(a.own[slice], b.own[slice]));
}

function patientOf(answer) {
  if (answer.patient_probability === null || answer.patient_probability === undefined) return null;
  return { probability: answer.patient_probability, slice: answer.patient_slice, count: answer.slices.length };
}
