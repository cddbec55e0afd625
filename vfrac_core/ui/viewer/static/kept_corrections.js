// A correction in work is not sent before the reader has given a reason and pressed "Send". Until then it stays in this
// browser, by case, and is there again when the case is opened.

/** @typedef {{reading: import("./reading.js").Reading, reason: string}} Correction */

/** @param storage  like localStorage; one entry a case, under `prefix + caseId` */
export function createKeptCorrections(storage, prefix) {
  return {
    /** @param {Correction} correction  @returns {boolean} false where the browser did not take it, or not for longer than the page */
    keep(caseId, correction) {
      try {
        storage.setItem(prefix + caseId, JSON.stringify(correction));
        return !storage.isFleeting;
      } catch {
        return false;
      }
    },
    /** @returns {?Correction} */
    of(caseId) {
      try { return JSON.parse(storage.getItem(prefix + caseId)); } catch { return null; }
    },
    drop(caseId) {
      try { storage.removeItem(prefix + caseId); } catch { /* nothing was kept there either */ }
    },
  };
}
