// The desk's conversation with the server: JSON over our own routes, same origin. The reader's token travels in a header.

import { isUnreachable } from "./connection.js";

const TIMEOUT_MS = 30_000; // the store itself waits up to 20 s for another writer

/** What the server refused or could not do. `status` is undefined when no answer came. */
export class ApiError extends Error {
  constructor(message, status, missing) {
    super(message);
    Object.assign(this, { status, missing });
  }
}

/**
 * @param at     path => URL; it honours a path prefix
 * @param heard  told after each request whether the server has answered
 */
export function createApi({ at, token, mode, heard = () => {} }) {
  const caseUrl = (verb, caseId) => at(`api/${verb}/${encodeURIComponent(caseId)}`);
  const get = (url) => ask(url, { headers: { "X-Vfrac-Reader": token } });
  const post = (url, body) => ask(url, {
    method: "POST",
    headers: { "X-Vfrac-Reader": token, "Content-Type": "application/json" },
    body: JSON.stringify(body),
    keepalive: true, // a save that is under way when the page closes still arrives
  });
  const ask = async (url, options) => {
    try {
      const answer = await request(url, options);
      heard(true);
      return answer;
    } catch (error) {
      heard(!isUnreachable(error));
      throw error;
    }
  };
  return {
    /** @param {string} [order]  see worklist_order.js */
    cases: (order = "usual") => get(at(`api/cases?mode=${mode}&order=${order}`)),
    open: (caseId) => get(`${caseUrl("case", caseId)}?mode=${mode}`),
    /** How far the making of the examples is. */
    examples: () => get(at("api/examples")),
    /** The answer of a case for those who may see it, else null. */
    answer: (caseId) => get(caseUrl("answer", caseId)),
    /** Ask for the answer of an example; for a reader with a name that is recorded. */
    showAnswer: (caseId) => post(caseUrl("answer", caseId), {}),
    signIn: (reader) => post(at("api/reader"), reader),
    /** kind: draft | submit | correct | ai_shown */
    save: (kind, caseId, body) => post(caseUrl(kind, caseId), body),
  };
}

async function request(url, options) {
  let response, answer;
  try {
    response = await fetch(url, { ...options, cache: "no-store", signal: AbortSignal.timeout(TIMEOUT_MS) });
    answer = await response.json().catch(() => null);
  } catch {
    throw new ApiError("the server does not answer");
  }
  if (!response.ok) throw new ApiError(answer?.error ?? `the server answered ${response.status}`, response.status, answer?.missing);
  if (answer === null) throw new ApiError("the server's answer was cut off");
  return answer;
}
