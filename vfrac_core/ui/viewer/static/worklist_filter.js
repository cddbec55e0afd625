// Which cases of the worklist are wanted, which of them comes next, and which is still to be read. Pure.

/** A case's state as a shape and a word, never by colour alone. */
export const STATES = Object.freeze({ todo: ["○", "to do"], draft: ["◐", "draft"], submitted: ["●", "done"] });
export const FLAG = Object.freeze(["⚑", "flagged"]);

/** The filters in the order of the list; `fits` says whether a case is wanted. */
export const FILTERS = Object.freeze([
  { id: "all", label: "All", fits: () => true },
  ...Object.entries(STATES).map(([id, [shape, word]]) => ({ id, label: `${shape} ${capital(word)}`, fits: ({ state }) => state === id })),
  { id: "flagged", label: `${FLAG[0]} ${capital(FLAG[1])}`, fits: ({ flagged }) => flagged },
]);

/** The cases that fit, and always the open one: what the reader does to it must not make it vanish from under the cursor. */
export function wanted(cases, filter, current) {
  const { fits } = FILTERS.find(({ id }) => id === filter);
  return cases.filter((one) => one.case === current || fits(one));
}

/** "○ To do (12)" for each filter, so that nobody has to choose to find out. */
export function filterLabels(cases) {
  return FILTERS.map(({ id, label, fits }) => ({ id, text: `${label} (${cases.filter(fits).length})` }));
}

/** The case `step` places further in the list, or null at its ends. */
export function neighbour(cases, current, step) {
  const at = cases.findIndex((one) => one.case === current);
  return at < 0 ? null : cases[at + step]?.case ?? null;
}

/** The next case after the open one that was never begun, from the top again at the end; then the next draft; or null. */
export function nextUnread(cases, current) {
  const at = cases.findIndex((one) => one.case === current);
  const others = [...cases.slice(at + 1), ...cases.slice(0, Math.max(at, 0))];
  const found = others.find(({ state }) => state === "todo") ?? others.find(({ state }) => state === "draft");
  return found?.case ?? null;
}

/** Where the page opens: the draft that the reader left, else the first case to do, else the first of all. */
export function firstToOpen(cases) {
  const found = cases.find(({ state }) => state === "draft") ?? cases.find(({ state }) => state === "todo") ?? cases[0];
  return found?.case ?? null;
}

export function progressText(cases) {
  const done = cases.filter(({ state }) => state === "submitted").length;
  const drafts = cases.filter(({ state }) => state === "draft").length;
  return `${done} of ${cases.length} done${drafts ? `, ${drafts} in draft` : ""}`;
}

function capital(text) {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
