// Whether the server answers, told at once: by the browser's own "offline", or by the first request that gets no answer.
// Only an answer takes the banner away: "online" is a cable, and a server on this very machine needs none.

import { element } from "./elements.js";

export const KEPT = "Offline: your answers are kept in this browser and sent when the server is back.";
export const GONE = "Offline: the server does not answer. What is loaded can still be looked at.";
const PROBE_MS = 2000;

/** True where no answer of our server came: none at all, or a proxy's that could not reach it. */
export const isUnreachable = (error) => error.status === undefined || error.status === 502 || error.status === 504;

/**
 * @param {{text: string, probe: () => Promise, isWanted: () => boolean, page?: EventTarget, wait?: (ms) => Promise}} host
 *   `probe` asks the server for something small, and reports to `heard` like every request; `isWanted`: the desk is still there
 */
export function createConnection({ text, probe, isWanted, page = globalThis.window, wait = later }) {
  const banner = element("p", { class: "vfrac-banner", role: "status", id: "offline-banner", hidden: true });
  let lost = false;

  /** A request ended: with an answer, whatever it said, or without. */
  function heard(answered) {
    if (answered === !lost) return;
    lost = !answered;
    banner.textContent = lost ? text : ""; // text that comes is read out
    banner.hidden = !lost;
    if (lost) probeUntilBack();
  }

  async function probeUntilBack() {
    while (lost && isWanted()) {
      await wait(PROBE_MS);
      if (lost && isWanted()) await ask();
    }
  }

  const ask = () => probe().catch(() => { /* heard it too */ });

  page.addEventListener("offline", () => heard(false));
  page.addEventListener("online", () => { if (lost) ask(); });

  return { banner, heard };
}

const later = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
