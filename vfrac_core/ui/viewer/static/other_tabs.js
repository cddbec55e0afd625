// Other tabs of this browser with the same case: each hears when one is opened beside it and when one has saved. Where the
// browser has no BroadcastChannel every tab is alone, as before.

const CHANNEL = "vfrac.cases";

/**
 * @param {string} owner  the browser's reader, as the storage's keys name it
 * @param {{onBeside: () => void, onSaved: () => void}} on  about the open case: another tab has it open too, or has saved it
 */
export function createOtherTabs(owner, { onBeside, onSaved }, Channel = globalThis.BroadcastChannel) {
  const channel = Channel ? new Channel(CHANNEL) : null;
  let open = null;
  const tell = (kind, caseId) => channel?.postMessage({ kind, caseId, owner });
  channel?.addEventListener("message", ({ data }) => {
    if (data.owner !== owner || data.caseId !== open) return;
    if (data.kind === "opened") tell("here", open);
    if (data.kind === "saved") onSaved();
    else onBeside();
  });
  return {
    opened(caseId) {
      open = caseId;
      tell("opened", caseId);
    },
    saved: (caseId) => tell("saved", caseId),
  };
}
