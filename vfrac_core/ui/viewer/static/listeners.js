// Who wants to hear of what: a host's handlers by the name of an event.

export class Listeners {
  /** @type {Map<string, ((detail: any) => any)[]>} */
  #of = new Map();

  on(event, listener) {
    this.#of.set(event, [...(this.#of.get(event) ?? []), listener]);
  }

  /** @returns {any[]}  what the handlers give back: promises, where the caller has to wait for them */
  emit(event, detail) {
    return (this.#of.get(event) ?? []).map((listener) => listener(detail));
  }
}
