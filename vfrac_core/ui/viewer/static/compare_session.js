// The malignant and the benign map of one slice. Two questions, because an answer carries one map; the first of them the
// server has as a rule in its cache.

import { camWish } from "./cam_method.js";

export const TARGETS = Object.freeze(["malignant", "benign"]);

/**
 * @typedef {{probability: number, grids: {malignant: number[][], benign: number[][]}, most: number}} Pair
 *   `most`: the highest value of both maps; both are divided by it
 */

export class CompareSession {
  /** @type {Pair|null} */
  pair = null;
  problem = "";
  #asking = null;

  /** @param {{send: (body: Object, signal: AbortSignal) => Promise<Object>, onChange: () => void}} host */
  constructor({ send, onChange }) {
    Object.assign(this, { send, onChange });
  }

  get busy() {
    return this.#asking !== null;
  }

  clear() {
    this.#asking?.abort();
    this.#asking = null;
    this.pair = null;
    this.problem = "";
  }

  /** @param {{case: string, box: number[], boxSlice: number, slice: number, method: string}} question */
  async ask({ case: caseId, box, boxSlice, slice, method }) {
    this.clear();
    const mine = (this.#asking = new AbortController());
    try {
      const answers = [];
      for (const target of TARGETS) {
        const body = { slice: boxSlice, box, slices: [slice], cam: camWish({ target, method }) };
        const answer = await this.send(body, mine.signal);
        if (mine.signal.aborted) return;
        if (answer.case !== caseId) throw new Error("the server answered something else");
        if (!answer.slices[0]?.cam) throw new Error("there is no map of this slice: its out-of-fold answer was stored without one");
        answers.push(answer.slices[0]);
      }
      this.pair = pairOf(answers);
    } catch (error) {
      if (mine.signal.aborted) return;
      this.problem = error.message;
    }
    this.#asking = null;
    this.onChange();
  }
}

/** Two slices' answers, malignant first, on one scale. @returns {Pair} */
export function pairOf([malignant, benign]) {
  const grids = { malignant: malignant.cam.grid, benign: benign.cam.grid };
  return { probability: malignant.probability, grids, most: Math.max(highestOf(grids.malignant), highestOf(grids.benign)) };
}

export function highestOf(grid) {
  return Math.max(...grid.map((row) => Math.max(...row)));
}
