// Asking the network about a box. One request is under way; the newest wish waits, older wishes are dropped, and an
// answer that belongs to another case or to a forgotten box is thrown away.

import { centredSlices } from "./geometry.js";

export const DEFAULT_SLICES = 5; // decision 13: only these make the patient's probability
const STRIP_SLICES = 21;
const THROTTLE_MS = 60;

/**
 * @typedef {{box: number[], slice: number, slices: number, own: Object<string, number[]>}} Asked  what is on the screen
 * @typedef {{slice: number, box: number[], own: Object<string, number[]>, slices: number[],
 *   cam: {target: string, layer: string, method: string}}} Question
 * @typedef {"live"|"default"|"strip"} Purpose
 */

export class Predictions {
  #seq = 0;
  #current = null; // {seq, purpose, abort}
  #waiting = null; // {question, purpose}
  #timer = null;
  #lastSent = -Infinity;

  /**
   * @param {{send: (body: Object, signal: AbortSignal) => Promise<Object>, onAnswer: (answer: Object, question: Question, purpose: Purpose) => void,
   *          onError: (message: string) => void, onBusy?: (busy: boolean) => void, now?: () => number,
   *          later?: (task: () => void, ms: number) => any, never?: (timer: any) => void}} options
   */
  constructor({ send, onAnswer, onError, onBusy = () => {}, now = () => performance.now(), later = setTimeout, never = clearTimeout }) {
    Object.assign(this, { send, onAnswer, onError, onBusy, now, later: later.bind(null), never: never.bind(null) });
  }

  get busy() {
    return Boolean(this.#current || this.#waiting);
  }

  /** While dragging: the shown slice only, throttled. */
  live({ box, slice, own }, shown, cam) {
    this.#ask({ slice, box, own, slices: [shown], cam }, "live");
  }

  /** The box rests: the default slices, then one further request that fills the strip. */
  settled({ box, slice, slices, own }, cam) {
    const first = centredSlices(slice, slices, DEFAULT_SLICES);
    const rest = centredSlices(slice, slices, STRIP_SLICES).filter((one) => !first.includes(one));
    this.#ask({ slice, box, own, slices: first, cam }, "default", rest);
  }

  /** Another case, no box, or the AI is off: nothing that is under way may arrive any more. */
  forget() {
    this.#current?.abort.abort();
    this.#current = null;
    this.#waiting = null;
    this.never(this.#timer);
    this.#timer = null;
    this.onBusy(false);
  }

  #ask(question, purpose, rest = []) {
    this.#waiting = { question, purpose, rest };
    this.never(this.#timer);
    this.#timer = null;
    if (this.#current?.purpose === "strip") this.#current.abort.abort(); // overtaken: nobody waits for these bars now
    this.#next();
  }

  #next() {
    this.onBusy(this.busy);
    if (this.#current || !this.#waiting || this.#timer !== null) return;
    const pause = this.#waiting.purpose === "live" ? this.#lastSent + THROTTLE_MS - this.now() : 0;
    if (pause <= 0) this.#send();
    else this.#timer = this.later(() => { this.#timer = null; this.#next(); }, pause);
  }

  async #send() {
    const { question, purpose, rest } = this.#waiting;
    const mine = { seq: (this.#seq += 1), purpose, abort: new AbortController() };
    this.#waiting = null;
    this.#current = mine;
    this.#lastSent = this.now();
    try {
      const answer = await this.send(bodyOf(question, mine.seq), mine.abort.signal);
      if (this.#current === mine && !mine.abort.signal.aborted && answer.seq === mine.seq) this.#deliver(answer, question, purpose, rest);
    } catch (error) {
      if (this.#current === mine && error.name !== "AbortError") this.onError(error.message);
    }
    if (this.#current === mine) {
      this.#current = null;
      this.#next();
    }
  }

  #deliver(answer, question, purpose, rest) {
    this.onAnswer(answer, question, purpose);
    if (purpose === "default" && rest.length && !this.#waiting && !isStored(answer)) {
      this.#waiting = { question: { ...question, slices: rest }, purpose: "strip", rest: [] };
    }
  }
}

/** Of a case that the network has learned from only some slices have an answer: nothing else is there to be asked for. */
function isStored({ out_of_fold: held }) {
  return Boolean(held) && !held.live;
}

/** As the server wants it: boxes of single slices only where they are asked for. */
function bodyOf({ own, ...question }, seq) {
  const boxes = Object.fromEntries(Object.entries(own).filter(([slice]) => question.slices.includes(Number(slice))));
  return { ...question, ...(Object.keys(boxes).length ? { slice_boxes: boxes } : {}), seq };
}
