// Pure geometry of the viewer: screen (CSS px from the canvas' corner), image (rows and columns, continuous, row r covers
// [r, r + 1)) and mm in the sagittal plane (0 = outer corner of pixel (0, 0)). Boxes are [r0, c0, r1, c1], half open.

/**
 * @typedef {{x: number, y: number}} Point            on the screen, CSS px
 * @typedef {{row: number, col: number}} Place        on the slice, in pixels
 * @typedef {[number, number, number, number]} Box    row_min, col_min, row_max, col_max
 * @typedef {{rows: number, columns: number}} Extent
 * @typedef {{row: number, column: number}} Spacing   mm per pixel
 * @typedef {{scale: number, x: number, y: number}} View   CSS px per mm, and where the slice's corner (0 mm, 0 mm) lies
 */

export const MIN_BOX_MM = 3; // the same floor as the server's: a smaller box is refused there

const ZOOM_LIMITS = { least: 0.5, most: 20 }; // times the fitted scale
const REACH_PX = 9;
const HANDLES = ["nw", "n", "ne", "e", "se", "s", "sw", "w"];

/** The view that shows the whole slice, centred, with its true aspect. `size` is the canvas in CSS px. */
export function fitView(size, extent, spacing, margin = 0) {
  const height = extent.rows * spacing.row;
  const width = extent.columns * spacing.column;
  const scale = Math.max(1e-6, Math.min((size.width - 2 * margin) / width, (size.height - 2 * margin) / height));
  return { scale, x: (size.width - width * scale) / 2, y: (size.height - height * scale) / 2 };
}

/** The view after zooming by `factor` so that what lies under `point` stays there. `fitted` bounds the scale. */
export function zoomAt(view, point, factor, fitted) {
  const scale = clamp(view.scale * factor, fitted.scale * ZOOM_LIMITS.least, fitted.scale * ZOOM_LIMITS.most);
  const ratio = scale / view.scale;
  return { scale, x: point.x - (point.x - view.x) * ratio, y: point.y - (point.y - view.y) * ratio };
}

/** The view moved by a drag on the screen. */
export function panBy(view, dx, dy) {
  return { scale: view.scale, x: view.x + dx, y: view.y + dy };
}

/** @returns {Place} */
export function screenToImage(view, spacing, point) {
  return { row: (point.y - view.y) / view.scale / spacing.row, col: (point.x - view.x) / view.scale / spacing.column };
}

/** @returns {Point} */
export function imageToScreen(view, spacing, place) {
  return { x: view.x + place.col * spacing.column * view.scale, y: view.y + place.row * spacing.row * view.scale };
}

/** A box of pixels, or of fractions of them, as a rectangle on the screen. */
export function boxOnScreen(view, spacing, box) {
  const from = imageToScreen(view, spacing, { row: box[0], col: box[1] });
  const to = imageToScreen(view, spacing, { row: box[2], col: box[3] });
  return { x: from.x, y: from.y, width: to.x - from.x, height: to.y - from.y };
}

/** The edges of a box in mm. */
export function boxToMm(box, spacing) {
  return [box[0] * spacing.row, box[1] * spacing.column, box[2] * spacing.row, box[3] * spacing.column];
}

/** The inverse of boxToMm; the result may lie between pixels. */
export function boxFromMm(mm, spacing) {
  return [mm[0] / spacing.row, mm[1] / spacing.column, mm[2] / spacing.row, mm[3] / spacing.column];
}

/** The box between two corners of a drag: edges snapped to pixel edges, inside the slice, at least MIN_BOX_MM wide and high. */
export function snapBox(a, b, extent, spacing) {
  const [r0, r1] = snapEdges(a.row, b.row, extent.rows, spacing.row);
  const [c0, c1] = snapEdges(a.col, b.col, extent.columns, spacing.column);
  return [r0, c0, r1, c1];
}

/** Whether a drag between two places lies beside the slice altogether: snapped, it would be a sliver at its edge. */
export function missesSlice(a, b, extent) {
  return Math.max(a.row, b.row) <= 0 || Math.max(a.col, b.col) <= 0
    || Math.min(a.row, b.row) >= extent.rows || Math.min(a.col, b.col) >= extent.columns;
}

/** The box moved by whole pixels, stopped at the slice's border; its size never changes. */
export function moveBox(box, rows, cols, extent) {
  const dr = clamp(Math.round(rows), -box[0], extent.rows - box[2]);
  const dc = clamp(Math.round(cols), -box[1], extent.columns - box[3]);
  return [box[0] + dr, box[1] + dc, box[2] + dr, box[3] + dc];
}

/** The box after one of its handles was dragged to a place; a handle may be pulled across the opposite edge. */
export function resizeBox(box, handle, place, extent, spacing) {
  const row = handle.includes("n") ? box[2] : box[0];
  const col = handle.includes("w") ? box[3] : box[1];
  const vertical = /[ns]/.test(handle);
  const horizontal = /[ew]/.test(handle);
  const fixed = { row: vertical ? row : box[0], col: horizontal ? col : box[1] };
  return snapBox(fixed, { row: vertical ? place.row : box[2], col: horizontal ? place.col : box[3] }, extent, spacing);
}

/**
 * The box after one of its handles was dragged, with its proportions kept as well as whole pixels allow. The opposite corner
 * stays, or with the middle of an edge the middle of the opposite one. Never larger than the slice gives room for.
 */
export function resizeKeeping(box, handle, place, extent, spacing) {
  const size = [box[2] - box[0], box[3] - box[1]];
  const rows = keptEdge(handle, "n", "s", box[0], box[2], extent.rows);
  const cols = keptEdge(handle, "w", "e", box[1], box[3], extent.columns);
  const wished = Math.max(rows.way ? ((place.row - rows.fixed) * rows.way) / size[0] : 0, cols.way ? ((place.col - cols.fixed) * cols.way) / size[1] : 0);
  const least = Math.max(MIN_BOX_MM / spacing.row / size[0], MIN_BOX_MM / spacing.column / size[1]);
  const factor = Math.min(Math.max(wished, least), rows.room / size[0], cols.room / size[1]);
  const [r0, r1] = grown(rows, size[0] * factor, extent.rows);
  const [c0, c1] = grown(cols, size[1] * factor, extent.columns);
  return [r0, c0, r1, c1];
}

/** Centres of the eight handles on the screen. */
export function handlePoints(rect) {
  return HANDLES.map((handle) => ({
    handle,
    x: rect.x + rect.width * (handle.includes("w") ? 0 : handle.includes("e") ? 1 : 0.5),
    y: rect.y + rect.height * (handle.includes("n") ? 0 : handle.includes("s") ? 1 : 0.5),
  }));
}

/** What of a box lies under a point: a handle, "inside", or null. The nearest handle wins; a small box keeps an inside. */
export function hitTest(rect, point) {
  const reach = Math.min(REACH_PX, Math.min(rect.width, rect.height) / 3);
  const near = handlePoints(rect)
    .map((one) => ({ handle: one.handle, distance: Math.hypot(one.x - point.x, one.y - point.y) }))
    .reduce((best, one) => (one.distance < best.distance ? one : best));
  if (near.distance <= reach) return near.handle;
  const inside = point.x >= rect.x && point.x <= rect.x + rect.width && point.y >= rect.y && point.y <= rect.y + rect.height;
  return inside ? "inside" : null;
}

/**
 * The smallest enclosing square in mm, centred on the box, shifted where it would leave the slice, past the border only
 * where the slice is too small for it (paper, "Deep Learning Architecture"; protocol E7). Twin of imaging.square_box.
 * @returns {Box} in mm
 */
export function squareBox(mm, extent, spacing) {
  const side = Math.max(mm[2] - mm[0], mm[3] - mm[1]);
  const [r0, r1] = squareSide(mm[0], mm[2], side, extent.rows * spacing.row);
  const [c0, c1] = squareSide(mm[1], mm[3], side, extent.columns * spacing.column);
  return [r0, c0, r1, c1];
}

/** A square of `side` mm, snapped to pixels, around the middle of the slice: the box that the key R puts there. */
export function centralBox(side, extent, spacing) {
  const row = (extent.rows - side / spacing.row) / 2;
  const col = (extent.columns - side / spacing.column) / 2;
  return snapBox({ row, col }, { row: extent.rows - row, col: extent.columns - col }, extent, spacing);
}

/** At most `count` slices centred on `slice`, those outside the stack left out. Twin of imaging.default_slices. */
export function centredSlices(slice, slices, count) {
  const half = (count - 1) / 2;
  const first = Math.max(0, slice - half);
  const last = Math.min(slices - 1, slice + half);
  return Array.from({ length: last - first + 1 }, (_, i) => first + i);
}

export function clamp(value, least, most) {
  return Math.min(Math.max(value, least), most);
}

export function sameBox(a, b) {
  return a === b || (Boolean(a) && Boolean(b) && a.every((edge, i) => edge === b[i]));
}

/** Two edges in pixels, ordered, whole, inside [0, length], and far enough apart. The first edge stays where it is. */
function snapEdges(from, to, length, mmPerPixel) {
  const least = Math.min(length, Math.ceil(MIN_BOX_MM / mmPerPixel - 1e-9));
  const fixed = clamp(Math.round(from), 0, length);
  let free = clamp(Math.round(to), 0, length);
  if (Math.abs(free - fixed) < least) {
    free = to >= from ? fixed + least : fixed - least;
    if (free > length) return [length - least, length];
    if (free < 0) return [0, least];
  }
  return fixed < free ? [fixed, free] : [free, fixed];
}

/** What of one axis stays while a handle is dragged: the edge that is not, or the middle; which way it grows; how far. */
function keptEdge(handle, low, high, from, to, length) {
  if (handle.includes(high)) return { fixed: from, way: 1, room: length - from };
  if (handle.includes(low)) return { fixed: to, way: -1, room: to };
  const middle = (from + to) / 2;
  return { fixed: middle, way: 0, room: 2 * Math.min(middle, length - middle) };
}

function grown({ fixed, way }, size, length) {
  const whole = Math.min(Math.max(1, Math.round(size)), length);
  const start = way > 0 ? fixed : way < 0 ? fixed - whole : Math.round(fixed - size / 2);
  const from = clamp(start, 0, length - whole);
  return [from, from + whole];
}

function squareSide(from, to, side, length) {
  const start = (from + to) / 2 - side / 2;
  const kept = side > length ? (length - side) / 2 : clamp(start, 0, length - side);
  return [kept, kept + side];
}
