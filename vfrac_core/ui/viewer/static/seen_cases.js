// Which cases this browser has shown the AI's answer for in Explore, perhaps before the reader gave a name: a later
// reading of such a case counts as assisted.

const MOST = 500; // cases; the oldest are forgotten first

/** @param storage  like localStorage; `token` is the browser's, so that another token starts anew */
export function createAiSeen(storage, token) {
  const key = `vfrac.ai_seen.${token.slice(0, 12)}`;

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
