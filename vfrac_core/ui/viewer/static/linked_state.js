// Where the linked views look, and what they are cut from. No drawing, no elements.

import { sameBox } from "./geometry.js";
import { axialGrid, indexAt, placeInCase, stackGrid } from "./linked_geometry.js";
import { cutPlane } from "./plane_cut.js";
import { Volume } from "./volume.js";

/** @typedef {"off"|"loading"|"ready"|"failed"} LinkedStatus   failed: cut from the sagittal slices instead */

export class LinkedState {
  #pinned = null; // {foot, back, box}: where the reader went; holds until the box is another one
  #cuts = new Map(); // way → the last plane and what it was cut for

  /** @param {import("./case_state.js").CaseState} state */
  constructor(state) {
    this.state = state;
    this.forget();
  }

  /** Another case, or none. */
  forget() {
    /** @type {LinkedStatus} */
    this.status = "off";
    this.volume = this.grid = this.stack = this.#pinned = null;
    this.#cuts.clear();
  }

  /** The views are opened, at the box. The second volume is made room for, and keeps what has arrived when they are closed. */
  open() {
    const { axial } = this.state.study;
    this.#pinned = null;
    this.stack = stackGrid(this.state.study);
    if (axial && !this.volume) {
      this.volume = new Volume(axial.shape, axial.chunk_slices);
      this.grid = axialGrid(axial);
    }
    this.status = !axial ? "failed" : this.volume.loaded === this.volume.chunks.length ? "ready" : "loading";
  }

  get shown() {
    return this.status !== "off";
  }

  /** What the planes are cut from: the second volume, or the sagittal stack where there is none. */
  get source() {
    const own = this.status !== "failed";
    return own ? { volume: this.volume, grid: this.grid, own } : { volume: this.state.volume, grid: this.stack, own };
  }

  /** The case's place that all views show: on the sagittal slice, at the middle of the box or of the slice. */
  get at() {
    const { slice, box, extent } = this.state;
    const [r0, c0, r1, c1] = box ?? [0, 0, extent.rows, extent.columns];
    const at = placeInCase(this.stack, slice, { row: (r0 + r1) / 2, col: (c0 + c1) / 2 });
    return this.#pinned && sameBox(this.#pinned.box, box) ? { ...at, foot: this.#pinned.foot, back: this.#pinned.back } : at;
  }

  /** Go to another place; `left` is the sagittal slice's and set by the viewer. */
  pin(place) {
    const { foot, back } = { ...this.at, ...place };
    this.#pinned = { foot, back, box: this.state.box && [...this.state.box] };
  }

  /** The voxel at which the axial ("foot") or coronal ("back") plane is cut. */
  indexOf(way) {
    return indexAt(this.source.grid.axes[way], this.at[way]);
  }

  /** The plane's HU; the same array while nothing has changed, so that it need not be drawn again. */
  plane(way) {
    const { volume, grid, own } = this.source;
    const index = this.indexOf(way);
    const key = [own, index, volume.loaded].join("|");
    if (this.#cuts.get(way)?.key !== key) this.#cuts.set(way, { key, hu: cutPlane(volume, grid, way, index) });
    return this.#cuts.get(way).hu;
  }
}
