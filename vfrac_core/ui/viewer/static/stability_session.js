// Asking about the nearby boxes, one small request after the other: between two of them the server answers other readers.

import { batchesOf, nearbyBoxes, summaryOf } from "./stability.js";

export class StabilitySession {
  /** @type {import("./stability.js").NearbyBox[]} */
  boxes = [];
  /** @type {(number|null)[]} */
  probabilities = [];
  /** @type {"idle"|"running"|"stopped"|"done"|"failed"} */
  state = "idle";
  problem = "";
  #run = null; // AbortController of what is under way

  /** @param {{send: (body: Object, signal: AbortSignal) => Promise<Object>, onChange: () => void}} host */
  constructor({ send, onChange }) {
    Object.assign(this, { send, onChange });
  }

  /** How many are answered, and how many are asked for. */
  get progress() {
    return { done: this.probabilities.filter((one) => one !== null).length, all: this.boxes.filter(({ mm }) => mm).length };
  }

  /** Of all boxes or of none: a range over some of them would look narrower than it is. */
  get summary() {
    return this.state === "done" ? summaryOf(this.boxes, this.probabilities) : null;
  }

  /** Another box, slice or case, or the AI is off: nothing of it may remain. */
  clear() {
    this.#end("idle");
    this.boxes = [];
    this.probabilities = [];
    this.problem = "";
  }

  stop() {
    if (this.state === "running") this.#end("stopped");
    this.onChange();
  }

  /** @param {{case: string, box: number[], slice: number, extent: Object, spacing: Object}} question */
  async run({ case: caseId, box, slice, extent, spacing }) {
    this.clear();
    this.boxes = nearbyBoxes(box, extent, spacing);
    this.probabilities = this.boxes.map(() => null);
    this.state = "running";
    const mine = (this.#run = new AbortController());
    this.onChange();
    try {
      for (const batch of batchesOf(this.boxes)) {
        const answer = await this.send({ slice, boxes_mm: batch.map((i) => this.boxes[i].mm) }, mine.signal);
        if (mine.signal.aborted) return;
        if (answer.case !== caseId || answer.probabilities.length !== batch.length) throw new Error("the server answered something else");
        batch.forEach((i, at) => { this.probabilities[i] = answer.probabilities[at]; });
        this.onChange();
      }
      this.#end("done");
    } catch (error) {
      if (mine.signal.aborted) return;
      this.problem = error.message;
      this.#end("failed");
    }
    this.onChange();
  }

  #end(state) {
    this.#run?.abort();
    this.#run = null;
    this.state = state;
  }
}
