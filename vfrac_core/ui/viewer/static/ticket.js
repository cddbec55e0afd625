// The ticket that opens the routes of one case. When one has expired the host is asked once for a new one, and whoever
// was refused waits for it.

const PATIENCE_MS = 15_000;

export class Ticket {
  #waiting = null;

  /**
   * @param {string} value
   * @param {() => void} ask  tells the host that a new ticket is needed; it answers by `renewed`
   */
  constructor(value, ask) {
    this.value = value;
    this.ask = ask;
  }

  /** The host's answer. */
  renewed(value) {
    this.value = value;
    this.#waiting?.resolve();
    this.#waiting = null;
  }

  /** Resolves when the host has brought a new ticket; rejects if it does not come. */
  wait() {
    if (!this.#waiting) {
      let resolve;
      const promise = new Promise((done, fail) => {
        const timer = setTimeout(() => { this.#waiting = null; fail(new Error("access has expired; reload the page")); }, PATIENCE_MS);
        resolve = () => { clearTimeout(timer); done(); };
      });
      this.#waiting = { promise, resolve };
      this.ask();
    }
    return this.#waiting.promise;
  }
}

/** `fetch` with the ticket in its header; a 403 waits for a new ticket and is tried once more. */
export async function fetchWithTicket(url, init, ticket) {
  const tried = ticket.value;
  const first = await fetch(url, withHeader(init, tried));
  if (first.status !== 403) return first;
  if (ticket.value === tried) await ticket.wait();
  return fetch(url, withHeader(init, ticket.value));
}

/** One line for the reader about an answer that is not 2xx: the server's own sentence where it sent one. */
export async function refusal(response) {
  const body = await response.json().catch(() => ({}));
  return body?.error ?? `the server answered ${response.status}`;
}

function withHeader(init, ticket) {
  return { ...init, headers: { ...init.headers, "X-Vfrac-Ticket": ticket } };
}
