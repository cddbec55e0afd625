// What the reader can do with the picture, by key, button or tool. Each changes the state and asks for a repaint.

import { centralBox, clamp, moveBox, panBy, resizeBox, resizeKeeping, sameBox, zoomAt } from "./geometry.js";
import { HeightActions } from "./height_actions.js";
import { PRESETS } from "./window_level.js";

const FIRST_BOX_MM = 40;
const ZOOM_STEP = 1.25;
const PAN_PX = 40;

export class Actions {
  /**
   * @param {import("./case_state.js").CaseState} state
   * @param {import("./ai_session.js").AiSession} ai
   * @param {{repaint: () => void, changed: () => void, windowChanged: (window: any) => void, toggleAi: () => void,
   *   toggleLinked: () => void}} host   `changed`: box or marks, by the reader
   */
  constructor(state, ai, host) {
    Object.assign(this, { state, ai, host });
    this.heights = new HeightActions(state, host, (slice) => this.showSlice(slice));
    this.table = { ...this.#table(), ...this.heights.table() };
  }

  /** Do what an id of the keymap stands for; false if it is not the viewer's own. */
  perform(id) {
    const own = this.table[id] ?? this.#boxStep(id);
    if (own && this.state.study) own();
    return Boolean(own);
  }

  // ---- also used by the tools (pointer.js)

  showSlice(slice) {
    this.#set({ slice: clamp(slice, 0, this.state.slices - 1) });
  }

  /** A preset by its id, or numbers. `chosen`: by the reader, who gets it again with the next case. */
  setWindow(window, { chosen = false } = {}) {
    this.#set({ window });
    if (chosen) this.host.windowChanged(window);
  }

  setView(view) {
    this.#set({ zoomed: view });
  }

  selectBox(selected) {
    this.#set({ selected });
  }

  setRuler(ruler) {
    this.#set({ ruler });
  }

  setPointer(pointer) {
    this.#set({ pointer });
  }

  /**
   * The box while it is dragged. On a slice with a box of its own that one is edited; else the slice on which the case's box
   * is edited becomes its slice. `fresh` begins a new box.
   */
  editBox(box, { fresh = false } = {}) {
    const { state } = this;
    if (state.hasOwnBox) {
      if (!sameBox(box, state.shownBox)) this.#set({ sliceBoxes: { ...state.sliceBoxes, [state.slice]: box } });
    } else {
      if (sameBox(box, state.box) && state.boxSlice === state.slice) return;
      this.#set({ box, boxSlice: state.slice });
    }
    this.ai.moving(this.#asked(), state.slice, fresh);
  }

  /** The box rests. */
  releaseBox() {
    this.askAi();
    this.host.changed();
  }

  askAi() {
    if (this.state.box) this.ai.settled(this.#asked());
  }

  /** Mark these slices and no others, while a range is dragged on the strip. */
  markRange(from, to) {
    const [first, last] = [Math.min(from, to), Math.max(from, to)];
    this.#set({ marked: Array.from({ length: last - first + 1 }, (_, i) => first + i) });
  }

  keepMarks() {
    this.host.changed();
  }

  #asked() {
    const { box, boxSlice, slices, sliceBoxes } = this.state;
    return { box, slice: boxSlice, slices, own: sliceBoxes };
  }

  // ---- keys and buttons

  #table() {
    const { state } = this;
    const by = (steps) => () => this.showSlice(state.slice + steps);
    const window = ({ id }) => [id, () => { if (state.presetWindow(id)) this.setWindow(id, { chosen: true }); }];
    return {
      "previous-slice": by(-1),
      "next-slice": by(1),
      "five-slices-back": by(-5),
      "five-slices-on": by(5),
      "first-slice": by(-Infinity),
      "last-slice": by(Infinity),
      "mark-slice": () => this.#toggleMark(),
      "mark-range": () => this.#markFromNearest(),
      ...Object.fromEntries(PRESETS.map(window)),
      "box-tool": () => this.#takeBoxTool(),
      "scroll-tool": () => this.#set({ tool: "scroll-tool", selected: false, heightTask: null }),
      "ruler-tool": () => this.#set({ tool: "ruler-tool", selected: false, heightTask: null }),
      "leave-box": () => (state.measures ? this.heights.leave() : this.#set({ selected: false, ruler: null })),
      "slice-box": () => this.#toggleOwnBox(),
      "lock-aspect": () => this.#set({ lockAspect: !state.lockAspect }),
      "delete-box": () => this.#deleteBox(),
      "reset-view": () => this.setView(null),
      "zoom-in": () => this.#zoom(ZOOM_STEP),
      "zoom-out": () => this.#zoom(1 / ZOOM_STEP),
      "pan-up": () => this.#pan(0, -PAN_PX),
      "pan-down": () => this.#pan(0, PAN_PX),
      "pan-left": () => this.#pan(-PAN_PX, 0),
      "pan-right": () => this.#pan(PAN_PX, 0),
      "toggle-ai": () => this.host.toggleAi(),
      "toggle-linked": () => this.host.toggleLinked(),
    };
  }

  /** "move-up", "resize-left-far" and the like: by one or ten pixels. */
  #boxStep(id) {
    const [, verb, way, far] = /^(move|resize)-(up|down|left|right)(-far)?$/.exec(id) ?? [];
    if (!verb) return null;
    const step = far ? 10 : 1;
    const [rows, cols] = { up: [-step, 0], down: [step, 0], left: [0, -step], right: [0, step] }[way];
    return () => {
      const { shownBox: box, extent, spacing, locked, lockAspect } = this.state;
      if (!box || locked) return;
      const corner = { row: box[2] + rows, col: box[3] + cols };
      const resize = lockAspect ? resizeKeeping : resizeBox;
      const handle = lockAspect ? (rows ? "s" : "e") : "se";
      this.editBox(verb === "move" ? moveBox(box, rows, cols, extent) : resize(box, handle, corner, extent, spacing));
      this.releaseBox();
    };
  }

  #takeBoxTool() {
    const { box, locked, extent, spacing } = this.state;
    if (!box && !locked) {
      this.editBox(centralBox(FIRST_BOX_MM, extent, spacing), { fresh: true });
      this.releaseBox();
    }
    this.#set({ tool: "box-tool", selected: !locked, heightTask: null });
  }

  /** On a slice with a box of its own only that one goes; else the case's, and with it all others. */
  #deleteBox() {
    if (this.state.locked || !this.state.box) return;
    if (this.state.hasOwnBox) return this.#toggleOwnBox();
    this.ai.forget();
    this.#set({ box: null, boxSlice: null, sliceBoxes: {}, selected: false });
    this.host.changed();
  }

  /** A box for this slice alone, at first the case's; or the case's again. The case's own slice has none. */
  #toggleOwnBox() {
    const { slice, box, boxSlice, sliceBoxes, hasOwnBox, locked } = this.state;
    if (!box || locked || slice === boxSlice) return;
    const { [slice]: own, ...others } = sliceBoxes;
    this.#set(hasOwnBox ? { sliceBoxes: others } : { sliceBoxes: { ...others, [slice]: [...box] }, selected: true, tool: "box-tool" });
    this.releaseBox();
  }

  #zoom(factor) {
    const { view, size, fitted } = this.state;
    this.setView(zoomAt(view, { x: size.width / 2, y: size.height / 2 }, factor, fitted));
  }

  #pan(dx, dy) {
    this.setView(panBy(this.state.view, dx, dy));
  }

  #toggleMark() {
    const { slice, marked, locked } = this.state;
    if (locked) return;
    const others = marked.filter((one) => one !== slice);
    this.#set({ marked: others.length < marked.length ? others : [...others, slice].sort((a, b) => a - b) });
    this.host.changed();
  }

  /** All slices between the nearest marked one and this one. */
  #markFromNearest() {
    const { slice, marked, locked } = this.state;
    if (locked) return;
    const nearest = marked.length ? marked.reduce((best, one) => (Math.abs(one - slice) < Math.abs(best - slice) ? one : best)) : slice;
    const [first, last] = [Math.min(nearest, slice), Math.max(nearest, slice)];
    const between = Array.from({ length: last - first + 1 }, (_, i) => first + i);
    this.#set({ marked: [...new Set([...marked, ...between])].sort((a, b) => a - b) });
    this.host.changed();
  }

  #set(change) {
    Object.assign(this.state, change);
    this.host.repaint();
  }
}
