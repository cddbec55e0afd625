// What is on the screen: the case, where one looks, and the reader's box and marks. No drawing, no asking.

import { clamp, fitView } from "./geometry.js";
import { taskFor } from "./height_task.js";
import { Volume } from "./volume.js";
import { fullRange, PRESETS, tidyWindow } from "./window_level.js";

const MARGIN_PX = 4;
const BONE = PRESETS[0];

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
 * @property {Weights} weights
 * @property {string[]|null} cam_methods
 * @property {number|null} slice        the slice to open; with a box, the slice that it was drawn on
 * @property {[number, number, number, number]|null} box
 * @property {number[]} marked
 * @property {Object<string, number[]>} [slice_boxes]
 * @property {number[][]} [affine]       4 × 4: index of a voxel to the patient's mm
 * @property {string} title
 *
 * @typedef {{name: string, trained: boolean, caption: string}} Weights   what stands beside every probability
 *
 * @typedef {{slice_index: number|null, box: number[]|null, marked_slices: number[], slice_boxes: Object<string, number[]>,
 *   heights: import("./heights.js").Heights|null}} Reading
 *   the slice is the box's
 */

export class CaseState {
  /** @type {Study|null} */
  study = null;
  /** @type {Volume|null} */
  volume = null;
  failed = false; // the pixels could not be loaded
  slice = 0;
  #window = BONE.id; // what was chosen: a preset's id, or numbers
  zoomed = null; // null: the whole slice is fitted into the view
  size = { width: 0, height: 0 }; // of the picture, CSS px
  tool = "box-tool";
  selected = false; // the box takes the arrow keys
  locked = false; // a submitted reading can be looked at, not edited
  box = null;
  boxSlice = null;
  sliceBoxes = {}; // boxes of single slices that differ from the case's box, by slice
  marked = [];
  lockAspect = false; // resizing keeps the box's proportions
  pointer = null; // where the mouse is over the picture, CSS px
  ruler = null; // a measured distance: see ruler.js
  heights = null; // the height aid's whole bodies
  heightTask = null; // what is being measured; null while another tool is in the hand
  #otherTool = this.tool; // the one that the height aid took the place of
  answer = null; // {arrows, reference, slices}: what an answer draws; null while none is shown

  /** @param {Study} study  opens in the middle, in the bone window, unless it says otherwise */
  open(study) {
    const slices = study.shape[0];
    this.close();
    this.study = study;
    this.volume = new Volume(study.shape, study.chunk_slices);
    this.slice = clamp(study.slice ?? Math.floor(slices / 2), 0, slices - 1);
    this.adopt({ slice_index: this.slice, box: study.box, marked_slices: study.marked, slice_boxes: study.slice_boxes });
  }

  close() {
    this.study = this.volume = this.zoomed = null;
    this.failed = this.locked = false;
    this.answer = this.pointer = this.ruler = null;
    this.leaveHeights();
    this.window = BONE.id;
    this.adopt({});
  }

  /** Take over a reading. */
  adopt({ slice_index = null, box = null, marked_slices = null, slice_boxes = null, heights = null }) {
    this.box = box && [...box];
    this.boxSlice = box ? slice_index ?? this.slice : null;
    this.sliceBoxes = box ? { ...slice_boxes } : {};
    this.marked = [...(marked_slices ?? [])].sort((a, b) => a - b);
    this.selected = false;
    if (this.heightTask && JSON.stringify(heights) !== JSON.stringify(this.heights)) this.heightTask = taskFor(heights);
    this.heights = heights;
  }

  /** @returns {Reading} */
  get reading() {
    return {
      slice_index: this.boxSlice, box: this.box && [...this.box], marked_slices: [...this.marked], slice_boxes: { ...this.sliceBoxes },
      heights: this.heights,
    };
  }

  /** The box as it is on the shown slice: the slice's own, else the case's. */
  get shownBox() {
    return this.sliceBoxes[this.slice] ?? this.box;
  }

  /** The shown slice has a box of its own. */
  get hasOwnBox() {
    return this.slice in this.sliceBoxes;
  }

  /** Whether dragging puts and moves the points of the height aid. */
  get measures() {
    return this.heightTask !== null && !this.locked;
  }

  takeHeights() {
    this.#otherTool = this.tool;
    Object.assign(this, { tool: "height-tool", selected: false, heightTask: taskFor(this.heights) });
  }

  leaveHeights() {
    if (this.tool === "height-tool") this.tool = this.#otherTool;
    this.heightTask = null;
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

  /** The numbers to paint with. A chosen preset that the series does not have, or not before all pixels are there, is bone. */
  get window() {
    const chosen = typeof this.#window === "string" ? this.presetWindow(this.#window) : this.#window;
    return chosen ?? BONE.window;
  }

  set window(chosen) {
    this.#window = chosen;
  }

  /** A preset's numbers, or null where the series has none, and for a name that this version does not know. */
  presetWindow(id) {
    if (id === "window-header") return this.study?.header_window ? tidyWindow(this.study.header_window) : null;
    if (id === "window-full") return this.volume?.complete ? fullRange(this.volume.least, this.volume.most) : null;
    return PRESETS.find((preset) => preset.id === id)?.window ?? null;
  }
}
