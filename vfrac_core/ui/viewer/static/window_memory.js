// The last window of this reader, kept in the browser. A preset is kept by its name, because the header's window is another
// one for each series.

/**
 * @param {Storage} storage  like localStorage
 * @param {string} owner     the reader in the storage's keys
 */
export function createWindowMemory(storage, owner) {
  const key = `vfrac.window.${owner}`;
  return {
    /** @returns {string|{width: number, center: number}|null}  a preset's id, or numbers */
    last() {
      try {
        const kept = JSON.parse(storage.getItem(key));
        const isWindow = Number.isFinite(kept?.width) && Number.isFinite(kept?.center);
        return typeof kept === "string" || isWindow ? kept : null;
      } catch {
        return null;
      }
    },
    keep(window) {
      try {
        storage.setItem(key, JSON.stringify(window));
      } catch { /* storage full or forbidden: the next case opens in the bone window */ }
    },
  };
}
