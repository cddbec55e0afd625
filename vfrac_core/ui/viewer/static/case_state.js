// What is on the screen: the case, where one looks, and the reader's box and marks. No drawing, no asking.

import { clamp, fitView } from "./geometry.js";
import { Volume } from "./volume.js";
import { fullRange, PRESETS, tidyWindow } from "./window_level.js";

const MARGIN_PX = 4;

/**
 * @typedef {Object} Study
 * @property {string} case
 * @property {string} volume_url        chunk i at `${volume_url}/${i}`
 * @property {string} predict_url
 * @property {string} ticket
 * @property {[number, number, number]} shape        slices, rows, columns
 * @property {number} chunk_slices
 * @property {[number, number, number]} spacing_mm   slice, row, column
 * @property {{url: string, shape: number[], chunk_slices: number, spacing_mm: number[], start_mm: number[]}|null} axial
 *   the second volume: foot, back, left; where its corner lies, in mm from the stack's
 * @property {{center: number, width: number}|null} header_window
 * @property {boolean} synthetic
 * @property {string[]} [remarks]        what has to be known of these pictures
 * @property {"live"|"off"|"locked"} ai
 * @property {"none"|"closed"|"open"} answer   of an example, in Explore
 * @property {{name: string, trained: boolean, caption: string, training_data: string}} weights
 * @property {string[]|null} cam_methods
 * @property {number|null} slice        the slice to open; with a box, the slice that it was drawn on
 * @property {[number, number, number, number]|null} box
 * @property {number[]} marked
 * @property {string} title
 *
 * @typedef {{slice_index: number|null, box: number[]|null, marked_slices: number[]}} Reading  the slice is the box's
 */

export class CaseState {
  /** @type {Study|null} */
  study = null;
  /** @type {Volume|null} */
  volume = null;
  failed = false; // the pixels could not be loaded
  slice = 0;
  window = PRESETS[0].window;
  zoomed = null; // null: the whole slice is fitted into the view
  size = { width: 0, height: 0 }; // of the picture, CSS px
  tool = "box-tool";
  selected = false; // the box takes the arrow keys
  locked = false; // a submitted reading can be looked at, not edited
  box = null;
  boxSlice = null;
  marked = [];
  answer = null; // {arrows, reference, slices}: what an answer draws; null while none is shown

  /** @param {Study} study  opens in the middle, in the bone window, unless it says otherwise */
  open(study) {
    const slices = study.shape[0];
    this.close();
    this.study = study;
    this.volume = new Volume(study.shape, study.chunk_slices);
    this.slice = clamp(study.slice ?? Math.floor(slices / 2), 0, slices - 1);
    this.adopt({ slice_index: this.slice, box: study.box, marked_slices: study.marked });
  }

  close() {
    this.study = this.volume = this.zoomed = null;
    this.failed = this.locked = false;
    this.answer = null;
    this.window = PRESETS[0].window;
    this.adopt({});
  }

  /** Take over a reading. */
  adopt({ slice_index = null, box = null, marked_slices = null }) {
    this.box = box && [...box];
    this.boxSlice = box ? slice_index ?? this.slice : null;
    this.marked = [...(marked_slices ?? [])].sort((a, b) => a - b);
    this.selected = false;
  }

  /** @returns {Reading} */
  get reading() {
    return { slice_index: this.boxSlice, box: this.box && [...this.box], marked_slices: [...this.marked] };
  }

  get slices() {
    return this.volume?.slices ?? 0;
  }

  get extent() {
    return { rows: this.volume.rows, columns: this.volume.columns };
  }

  get spacing() {
    return { row: this.study.spacing_mm[1], column: this.study.spacing_mm[2] };
  }

  get fitted() {
    return fitView(this.size, this.extent, this.spacing, MARGIN_PX);
  }

  get view() {
    return this.zoomed ?? this.fitted;
  }

  /** The picture can take a pointer. */
  get ready() {
    return this.study !== null && this.size.width > 0;
  }

  /** Whether dragging draws and edits the box; else it scrolls. */
  get drawsBox() {
    return this.tool === "box-tool" && !this.locked;
  }

  /** A preset's numbers, or null where the series has none. */
  presetWindow(id) {
    if (id === "window-header") return this.study?.header_window ? tidyWindow(this.study.header_window) : null;
    if (id === "window-full") return this.volume?.loaded ? fullRange(this.volume.least, this.volume.most) : null;
    return PRESETS.find((preset) => preset.id === id).window;
  }
}
