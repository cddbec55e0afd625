// What the server gives of one case: its pixels and the network's answers, all by the ticket that opens its routes.

import { inTime } from "./deadline.js";
import { fetchWithTicket, refusal, Ticket } from "./ticket.js";
import { loadVolume } from "./volume.js";

export class CaseServer {
  #at;
  #readerToken;
  #study = null;

  /**
   * @param {(path: string) => string} at  turns a path into a URL
   * @param {string} readerToken  by it the server knows who asks the AI
   */
  constructor(at, readerToken) {
    this.#at = at;
    this.#readerToken = readerToken;
    /** @type {Ticket|null} */
    this.ticket = null;
  }

  /**
   * @param {import("./case_state.js").Study} study
   * @param {() => Promise<unknown>} renew  see Ticket
   */
  open(study, renew) {
    this.#study = study;
    this.ticket = new Ticket(study.ticket, renew);
  }

  close() {
    this.#study = this.ticket = null;
  }

  /** @param {{shown: () => number, signal: AbortSignal, onProgress: () => void}} options  as of `loadVolume` */
  fill(volume, options) {
    const { volume_url: path } = this.#study;
    return loadVolume(volume, { ...options, ticket: this.ticket, url: (chunk) => this.#at(`${path}/${chunk}`) });
  }

  /** @param {string} door  of the case's predictions "", or what stands behind it in the path */
  predict(door, body, caller) {
    const headers = { "Content-Type": "application/json", "X-Vfrac-Reader": this.#readerToken };
    return inTime(caller, async (signal) => {
      const init = { method: "POST", headers, body: JSON.stringify(body), signal };
      const response = await fetchWithTicket(this.#at(this.#study.predict_url + door), init, this.ticket);
      if (!response.ok) throw new Error(await refusal(response));
      return response.json();
    });
  }
}
