// No request of the viewer waits for ever: a server that is gone without a word is an error that is told.

const DEADLINE_MS = 30_000;

/**
 * Run `request(signal)`; its signal ends with the caller's `signal` or when the time is up. Being late is an error with a
 * sentence of its own; being called off by the caller stays the caller's AbortError.
 * @template T
 * @param {AbortSignal} signal
 * @param {(signal: AbortSignal) => Promise<T>} request
 * @returns {Promise<T>}
 */
export async function inTime(signal, request, ms = DEADLINE_MS) {
  const late = AbortSignal.timeout(ms);
  try {
    return await request(either(signal, late));
  } catch (error) {
    if (late.aborted && !signal.aborted) throw new Error(`the server did not answer within ${Math.ceil(ms / 1000)} s`);
    throw error;
  }
}

/** AbortSignal.any, which browsers have since 2023 or 2024. */
function either(...signals) {
  if (AbortSignal.any) return AbortSignal.any(signals);
  const first = new AbortController();
  for (const one of signals) {
    if (one.aborted) first.abort(one.reason);
    one.addEventListener("abort", () => first.abort(one.reason), { once: true });
  }
  return first.signal;
}
