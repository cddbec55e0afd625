// Which tabs of this browser are open, by the Web Locks API: a lock is held as long as its page lives, however it ends.
// Where the API is missing (plain http in a hospital's network) no other tab counts as open.

/** @param {?LockManager} locks */
export function createTabs(locks = globalThis.navigator?.locks) {
  const nameOf = (tab) => `vfrac.tab.${tab}`;
  return {
    /** This page is the tab until it is closed. */
    hold(tab) {
      locks?.request(nameOf(tab), () => new Promise(() => {})).catch(() => { /* forbidden here: as if it were missing */ });
    },
    /** Asked with a shared lock, so that two who ask at once do not take each other for the tab. @returns {Promise<boolean>} */
    async isOpen(tab) {
      try {
        return Boolean(await locks?.request(nameOf(tab), { mode: "shared", ifAvailable: true }, (lock) => lock === null));
      } catch {
        return false;
      }
    },
  };
}
