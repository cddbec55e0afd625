// Left with the focus in it, a list would take the arrows that are meant for the slices: Escape and Enter lead to the picture.

/** For a select's `onkeydown`. */
export function leaveList(event) {
  if (!["Escape", "Enter"].includes(event.code) || event.ctrlKey) return;
  event.preventDefault();
  event.stopPropagation();
  event.target.closest(".vfrac-desk")?.querySelector("#ct-viewer canvas")?.focus({ preventScroll: true });
}
