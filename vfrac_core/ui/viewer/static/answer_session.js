// The answer of the open case: whether it can be asked for, what it says once it was shown, and whether its arrows are drawn.
// The server decides; nothing of an answer is here before it was asked for or the reader's own answer was submitted.

/**
 * @typedef {{sign: string|null, finding: string|null, slice_index: number, row: number, column: number, down: number, right: number}} Arrow
 * @typedef {{number: number, title: string, sentences: string[], difficulty: number, truth: Object, arrows: Arrow[]}} Answer
 */

export class AnswerSession {
  /** @type {Answer|null} */
  answer = null;
  offered = false; // the reader can ask for it
  arrowsShown = true;
  busy = false;
  problem = "";
  #caseId = null;

  /**
   * @param {{show: (caseId: string) => Promise<{answer: Answer}>, again: (caseId: string) => Promise<{answer: Answer|null}>,
   *   seen: {note: (caseId: string) => void, has: (caseId: string) => boolean}, onChange: () => void}} host
   *   `show` asks for it, which is recorded; `again` gives it to those who may see it already
   */
  constructor(host) {
    this.host = host;
  }

  /**
   * Another case. "closed": it has an answer that can be asked for; "open": this reader may see it; "none": there is nothing to
   * show now. What this browser was shown before a name was given is shown again.
   * @param {"none"|"closed"|"open"} state
   */
  async open(caseId, state) {
    this.#caseId = caseId;
    Object.assign(this, { answer: null, offered: state === "closed", arrowsShown: true, busy: false, problem: "" });
    this.host.onChange();
    if (state === "open") await this.#ask(this.host.again);
    else if (this.offered && this.host.seen.has(caseId)) await this.show();
  }

  /** "Show the answer". */
  async show() {
    if (!this.offered || this.busy || this.answer) return;
    const caseId = this.#caseId;
    this.host.seen.note(caseId); // before it is shown: whatever happens then, it may have been seen
    await this.#ask(this.host.show);
  }

  /** What the key does: show it, then its arrows off and on. */
  toggle() {
    if (this.answer) this.showArrows(!this.arrowsShown);
    else this.show();
  }

  showArrows(shown) {
    this.arrowsShown = shown;
    this.host.onChange();
  }

  async #ask(how) {
    const caseId = this.#caseId;
    this.busy = true;
    this.problem = "";
    this.host.onChange();
    let found = {};
    try {
      const { answer } = await how(caseId);
      found = { answer, offered: this.offered && !answer };
    } catch (error) {
      found = { problem: `The answer was not loaded: ${error.message}` };
    }
    if (caseId !== this.#caseId) return;
    Object.assign(this, found, { busy: false });
    this.host.onChange();
  }
}

/** The first slice that an arrow stands on for a sign; null for no arrow. */
export function sliceOf(answer, sign) {
  return answer.arrows.find((arrow) => arrow.sign === sign)?.slice_index ?? null;
}

/** What of an answer is drawn over the slices: arrows with the letter at their tail, and the box of the reference standard. */
export function drawingOf({ arrows, truth }, signs) {
  const letters = Object.fromEntries(signs.map(({ name, key }) => [name, key]));
  return {
    arrows: arrows.map((arrow) => ({ ...arrow, letter: letters[arrow.sign] ?? "!" })),
    reference: truth.box,
    slices: truth.marked_slices,
  };
}

/** Where the answer is best seen: on the slice of the reference box, else of the first arrow. */
export function bestSlice(answer) {
  return answer.truth.slice_index ?? answer.arrows[0]?.slice_index ?? null;
}
