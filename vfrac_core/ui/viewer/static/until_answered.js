// A question to the server that the desk cannot do without: the reader is told why nothing comes yet.

import { backoffSeconds, isTemporary } from "./save_queue.js";

/**
 * Ask until an answer comes or nobody wants it any more; a refusal is told and ends it.
 * @param {() => Promise<Object>} ask
 * @param {(text: string) => void} say  shows one line to the reader
 * @returns {Promise<?Object>} the answer, or null
 */
export async function untilAnswered(ask, say, isWanted = () => true) {
  for (let failures = 1; isWanted(); failures += 1) {
    try {
      const answer = await ask();
      say("");
      return answer;
    } catch (error) {
      if (!isTemporary(error)) {
        say(error.message);
        return null;
      }
      say(`Not loaded: ${error.message}; trying again.`);
      await new Promise((resolve) => setTimeout(resolve, backoffSeconds(failures) * 1000));
    }
  }
  return null;
}
