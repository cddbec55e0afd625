// The viewer's one line of status. Each sentence is about something ("images", "ai"), and a later success with the same
// thing takes it away, but never another one's sentence.

export class StatusLine {
  #element;
  #about = null;

  /** @param {{textContent: string}} element */
  constructor(element) {
    this.#element = element;
  }

  say(about, text) {
    this.#about = about;
    this.#element.textContent = text;
  }

  /** It works now. */
  clear(about) {
    if (this.#about === about) this.say(null, "");
  }
}
