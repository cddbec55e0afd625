// What the AI has said about the box of the open case, and when it may be asked. Off and locked ask nothing.

import { centredSlices, sameBox } from "./geometry.js";
import { DEFAULT_SLICES, Predictions } from "./predictions.js";

/**
 * @typedef {"live"|"off"|"locked"} AiMode
 * @typedef {{probability: number, cam: {layer: string, grid: number[][]}|null, target: string, box: number[]}} SliceAnswer
 */

export class AiSession {
  /** @type {AiMode} */
  mode = "off";
  cam = { shown: true, opacity: 0.6, native: false, target: "malignant", method: "gradcam" };
  /** @type {Map<number, SliceAnswer>} */
  answers = new Map();
  /** @type {{probability: number, slice: number, count: number}|null} */
  patient = null;
  runtime = "";
  weightsName = ""; // of the answers: when the case was opened the network may still have been loading
  busy = false;
  #caseId = null;
  #asked = null; // {box, slice, slices}
  #predictions;

  /** @param {{send: (body: Object, signal: AbortSignal) => Promise<Object>, onChange: () => void, onError: (message: string) => void}} host */
  constructor({ send, onChange, onError }) {
    this.onChange = onChange;
    this.#predictions = new Predictions({
      send,
      onAnswer: (answer, question, purpose) => this.#take(answer, question, purpose),
      onError: (message) => { this.#keep((answer) => sameBox(answer.box, this.#asked?.box)); onError(message); onChange(); },
      onBusy: (busy) => { this.busy = busy; onChange(); },
    });
  }

  /** Another case: nothing of the one before may remain, not even a map method that this case does not offer. */
  open(caseId, mode, methods = null) {
    if (!methods?.includes(this.cam.method)) this.cam.method = "gradcam";
    this.#caseId = caseId;
    this.mode = mode;
    this.forget();
  }

  /** The reader, or the host, switches the AI; what it said is gone when it is not live. */
  setMode(mode) {
    this.mode = mode;
    if (mode !== "live") this.forget();
  }

  /** The slices that make the patient's probability. */
  get defaults() {
    return this.#asked ? centredSlices(this.#asked.slice, this.#asked.slices, DEFAULT_SLICES) : [];
  }

  /** No box: no answers. */
  forget() {
    this.#predictions.forget();
    this.#asked = null;
    this.patient = null;
    this.answers.clear();
  }

  /** The box is being dragged on a slice; `fresh` begins a new box, about which nothing is known. */
  moving(box, slice, slices, fresh) {
    this.patient = null;
    this.#asked = { box, slice, slices };
    this.#keep((_, index) => index === slice && !fresh);
    if (this.mode === "live") this.#predictions.live(box, slice, this.#camWish());
  }

  /** The box rests, or the AI was switched on, or another map is wanted. */
  settled(box, slice, slices) {
    this.#asked = { box, slice, slices };
    if (this.mode === "live") this.#predictions.settled(box, slice, slices, this.#camWish());
  }

  /** Another target or method: the maps are of no use any more, the probabilities are. */
  wantCam(change) {
    Object.assign(this.cam, change);
    if (!("target" in change || "method" in change) || !this.#asked) return;
    for (const answer of this.answers.values()) answer.cam = null;
    this.settled(this.#asked.box, this.#asked.slice, this.#asked.slices);
  }

  #camWish() {
    return { target: this.cam.target, layer: "layer4", method: this.cam.method };
  }

  #take(answer, question, purpose) {
    const exact = sameBox(question.box, this.#asked?.box);
    if (answer.case !== this.#caseId || (purpose !== "live" && !exact)) return;
    if (purpose === "default") {
      this.#keep((kept) => sameBox(kept.box, question.box));
      this.patient = patientOf(answer);
    }
    for (const { slice, probability, cam } of answer.slices) {
      this.answers.set(slice, { probability, cam, target: question.cam.target, box: question.box });
    }
    this.runtime = answer.runtime ?? "";
    this.weightsName = answer.weights ?? "";
    this.onChange();
  }

  #keep(wanted) {
    for (const [slice, answer] of this.answers) if (!wanted(answer, slice)) this.answers.delete(slice);
  }
}

function patientOf(answer) {
  if (answer.patient_probability === null || answer.patient_probability === undefined) return null;
  return { probability: answer.patient_probability, slice: answer.patient_slice, count: answer.slices.length };
}
