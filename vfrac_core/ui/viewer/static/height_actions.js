// What the reader can do with the height aid, by key, button or tool. Each changes the state and asks for a repaint; the host
// hears of whole bodies only.

import { clamp } from "./geometry.js";
import { movePoint, nextCorner, placeCorner, pointAt, skipBody, takeBack, taskFor } from "./height_task.js";

export class HeightActions {
  /**
   * @param {import("./case_state.js").CaseState} state
   * @param {{repaint: () => void, changed: () => void}} host
   * @param {(slice: number) => void} showSlice
   */
  constructor(state, host, showSlice) {
    Object.assign(this, { state, host, showSlice });
  }

  /** By the ids of the keymap. */
  table() {
    const nudge = (rows, columns) => () => this.#nudge(rows, columns);
    return {
      "height-tool": () => (this.state.measures ? this.leave() : this.#take()),
      "height-slice": () => this.#showSlice(),
      "skip-body": () => this.#step(skipBody),
      "take-back-point": () => this.#step(takeBack),
      "remove-heights": () => this.#remove(),
      "point-up": nudge(-1, 0),
      "point-down": nudge(1, 0),
      "point-left": nudge(0, -1),
      "point-right": nudge(0, 1),
    };
  }

  leave() {
    this.state.leaveHeights();
    this.host.repaint();
  }

  // ---- also used by the tool

  /** Put the next corner; false where none is wanted. */
  place(point) {
    const { heightTask, heights, slice, measures } = this.state;
    if (!measures || nextCorner(heightTask) === null) return false;
    this.#takeOver(placeCorner(heightTask, heights, slice, point));
    return true;
  }

  /** @param {import("./height_task.js").PointName} name */
  move(name, point) {
    const { heightTask, heights, measures } = this.state;
    if (!measures || !pointAt(heightTask, heights, name)) return; // taken away while it was dragged
    this.#takeOver(movePoint(heightTask, heights, name, point));
  }

  /** The point takes the arrow keys. */
  touch(name) {
    this.#set({ heightTask: { ...this.state.heightTask, last: name } });
  }

  /** The points rest. */
  release() {
    this.host.changed();
  }

  // ---- keys and buttons

  /** A measurement that is there is shown; only an open reading can be measured. */
  #take() {
    this.#showSlice();
    if (!this.state.locked) this.state.takeHeights();
    this.host.repaint();
  }

  #showSlice() {
    const { heightTask, heights } = this.state;
    const slice = heightTask?.slice ?? heights?.slice_index ?? null;
    if (slice !== null) this.showSlice(slice);
  }

  /** Before a point was touched, up and down go on scrolling: the reader is looking for the slice. */
  #nudge(rows, columns) {
    const { heightTask, heights, extent, slice, measures } = this.state;
    const point = measures && heightTask.last && pointAt(heightTask, heights, heightTask.last);
    if (!point || heightTask.slice !== slice) return this.showSlice(slice + rows);
    this.move(heightTask.last, [clamp(point[0] + rows, 0, extent.rows), clamp(point[1] + columns, 0, extent.columns)]);
    this.release();
  }

  #remove() {
    if (this.state.locked) return;
    this.#set({ heights: null, heightTask: this.state.heightTask && taskFor(null) });
    this.host.changed();
  }

  #step(next) {
    const { heightTask, heights } = this.state;
    if (heightTask) this.#set({ heightTask: next(heightTask, heights) });
  }

  #takeOver({ task, heights }) {
    this.#set({ heightTask: task, heights });
  }

  #set(change) {
    Object.assign(this.state, change);
    this.host.repaint();
  }
}
