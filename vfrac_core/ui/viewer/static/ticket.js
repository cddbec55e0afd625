// The ticket that opens the routes of one case. When it has expired the host is asked once for a new one, and every
// request that was refused waits for that.

export class Ticket {
  #renewal = null;

  /**
   * @param {string} value
   * @param {() => Promise<unknown>} renew  the host; when the promise resolves it has set the new `value`
   */
  constructor(value, renew) {
    Object.assign(this, { value, renew });
  }

  /** Resolves when the host has brought a new ticket. */
  renewed() {
    this.#renewal ??= this.renew().finally(() => { this.#renewal = null; });
    return this.#renewal;
  }
}

/** `fetch` with the ticket in its header; a 403 waits for a new ticket and is tried once more. */
export async function fetchWithTicket(url, init, ticket) {
  const tried = ticket.value;
  const first = await fetch(url, withHeader(init, tried));
  if (first.status !== 403) return first;
  if (ticket.value === tried) await ticket.renewed();
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
