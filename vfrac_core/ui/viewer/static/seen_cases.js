// Which cases this browser has shown something of in Explore, perhaps before the reader gave a name: the AI's answer, or the
// answer of an example. A later reading of such a case counts as assisted.

const MOST = 500; // cases; the oldest are forgotten first

/**
 * @param {Storage} storage  like localStorage
 * @param {string} token     the browser's, so that another token starts anew
 * @param {"ai_seen"|"answer_seen"} what
 */
export function createSeenCases(storage, token, what) {
  const key = `vfrac.${what}.${token.slice(0, 12)}`;

  /** Read each time: Explore and Annotate may be two tabs. */
  function cases() {
    try {
      const kept = JSON.parse(storage.getItem(key));
      return Array.isArray(kept) ? kept : [];
    } catch {
      return [];
    }
  }

  function note(caseId) {
    const before = cases();
    if (before.includes(caseId)) return;
    try {
      storage.setItem(key, JSON.stringify([...before, caseId].slice(-MOST)));
    } catch { /* storage full or forbidden: the server still records it for a reader with a name */ }
  }

  return { note, has: (caseId) => cases().includes(caseId) };
}
