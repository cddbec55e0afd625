// Window/level: HU to gray by DICOM's linear function (PS3.3 C.11.2.1.2.1), the same as imaging.window_to_gray.

/** @typedef {{center: number, width: number}} HuWindow */

/** Presets with their numbers (reading-room rule D0). The header's and the full range depend on the series. */
export const PRESETS = Object.freeze([
  { id: "window-bone", label: "Bone", window: { width: 1800, center: 400 } },
  { id: "window-soft", label: "Soft tissue", window: { width: 400, center: 40 } },
  { id: "window-wide", label: "Wide bone", window: { width: 2500, center: 480 } },
  { id: "window-header", label: "Header", window: null },
  { id: "window-full", label: "Full", window: null },
]);

const NARROWEST = 1;
const WIDEST = 20_000;
const CENTER_LIMIT = 32_768;

/** Gray 0..255 of one HU value, not rounded. */
export function grayOf(hu, { center, width }) {
  if (hu <= center - 0.5 - (width - 1) / 2) return 0;
  if (hu > center - 0.5 + (width - 1) / 2) return 255;
  return ((hu - (center - 0.5)) / (width - 1) + 0.5) * 255;
}

/**
 * All 65,536 int16 values as opaque RGBA pixels, little endian, indexed by `hu & 0xffff`.
 * @param {HuWindow} window
 * @param {Uint32Array} [table]  reused while dragging
 */
export function lookupTable(window, table = new Uint32Array(65_536)) {
  for (let hu = -32_768; hu < 32_768; hu += 1) {
    const gray = Math.round(grayOf(hu, window));
    table[hu & 0xffff] = (0xff000000 | (gray << 16) | (gray << 8) | gray) >>> 0;
  }
  return table;
}

/** The window that shows every value from `least` to `most`, least black and most white. */
export function fullRange(least, most) {
  return { center: (least + most + 1) / 2, width: Math.max(NARROWEST, most - least + 1) };
}

/** Whole numbers within sensible limits; what a drag or a header may set. */
export function tidyWindow({ center, width }) {
  const kept = (value, least, most) => Math.min(Math.max(Math.round(value), least), most);
  return { center: kept(center, -CENTER_LIMIT, CENTER_LIMIT), width: kept(width, NARROWEST, WIDEST) };
}

/** The window after a drag: right is wider, down is a higher level (darker), as in other viewers. */
export function draggedWindow(start, dx, dy) {
  const step = Math.max(1, start.width / 400);
  return tidyWindow({ center: start.center + dy * step, width: start.width + dx * step });
}
