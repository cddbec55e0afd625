// The address says which case and which slice (from 0) are on the screen, so that a place can be passed on and found again.
// Nothing else stands in a link: no name, no answer.

const SLICE_DELAY_MS = 300; // a browser allows about a hundred changes of the address in half a minute

/** @typedef {{caseId: string, slice: ?number}} Place */

/** The place that an address names, or null. What is not an id or not a slice is left aside. @returns {?Place} */
export function readPlace(search) {
  const query = new URLSearchParams(search);
  const [caseId, slice] = [query.get("case") ?? "", query.get("slice") ?? ""];
  if (!/^[A-Za-z0-9][A-Za-z0-9_-]{0,39}$/.test(caseId)) return null;
  return { caseId, slice: /^\d{1,5}$/.test(slice) ? Number(slice) : null };
}

/** The link to pass on: the page without its other parameters, which may hold what is nobody else's business. */
export function linkTo(href, place) {
  const url = new URL(href);
  url.search = url.hash = "";
  return withPlace(url.href, place);
}

/** The page's own address with another place in it; the theme and the like stay. */
export function withPlace(href, { caseId, slice }) {
  const url = new URL(href);
  url.searchParams.set("case", caseId);
  if (slice === null) url.searchParams.delete("slice");
  else url.searchParams.set("slice", String(slice));
  return url.href;
}

/**
 * Keeps the address at the place on the screen: another case at once, another slice when the scrolling rests.
 * @param {{isWanted: () => boolean, page?: Window, timers?: {set, clear}}} host  `isWanted`: the desk is still on the page
 */
export function createAddress({ isWanted, page = window, timers = browserTimers }) {
  let written = null;
  let timer = null;

  /** @param {Place} place */
  function follow(place) {
    timers.clear(timer);
    if (place.caseId === written?.caseId && place.slice === written.slice) return;
    if (place.caseId !== written?.caseId) write(place);
    else timer = timers.set(() => write(place), SLICE_DELAY_MS);
  }

  function write(place) {
    written = place;
    if (!isWanted()) return;
    try {
      page.history.replaceState(page.history.state, "", withPlace(page.location.href, place));
    } catch { /* forbidden in this frame, or too often: the address stays behind, the desk goes on */ }
  }

  return { follow };
}

const browserTimers = { set: (f, ms) => setTimeout(f, ms), clear: (id) => clearTimeout(id) };
