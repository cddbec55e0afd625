// What the reader can do with the picture, by key, button or tool. Each changes the state and asks for a repaint.

import { centralBox, clamp, moveBox, resizeBox, sameBox } from "./geometry.js";
import { PRESETS } from "./window_level.js";

const FIRST_BOX_MM = 40;

export class Actions {
  /**
   * @param {import("./case_state.js").CaseState} state
   * @param {import("./ai_session.js").AiSession} ai
   * @param {{repaint: () => void, changed: () => void, toggleAi: () => void, toggleLinked: () => void}} host  `changed`: box or marks, by the reader
   */
  constructor(state, ai, host) {
    Object.assign(this, { state, ai, host });
    this.table = this.#table();
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

  setWindow(window) {
    this.#set({ window });
  }

  setView(view) {
    this.#set({ zoomed: view });
  }

  selectBox(selected) {
    this.#set({ selected });
  }

  /** The box while it is dragged. The slice on which it is edited becomes its slice; `fresh` begins a new box. */
  editBox(box, { fresh = false } = {}) {
    const { state } = this;
    if (sameBox(box, state.box) && state.boxSlice === state.slice) return;
    this.#set({ box, boxSlice: state.slice });
    this.ai.moving(box, state.slice, state.slices, fresh);
  }

  /** The box rests. */
  releaseBox() {
    this.askAi();
    this.host.changed();
  }

  askAi() {
    const { box, boxSlice, slices } = this.state;
    if (box) this.ai.settled(box, boxSlice, slices);
  }

  // ---- keys and buttons

  #table() {
    const { state } = this;
    const by = (steps) => () => this.showSlice(state.slice + steps);
    const window = ({ id }) => [id, () => this.setWindow(state.presetWindow(id) ?? state.window)];
    return {
      "previous-slice": by(-1),
      "next-slice": by(1),
      "five-slices-back": by(-5),
      "five-slices-on": by(5),
      "first-slice": by(-Infinity),
      "last-slice": by(Infinity),
      "mark-slice": () => this.#toggleMark(),
      ...Object.fromEntries(PRESETS.map(window)),
      "box-tool": () => this.#takeBoxTool(),
      "scroll-tool": () => this.#set({ tool: "scroll-tool", selected: false }),
      "leave-box": () => this.selectBox(false),
      "delete-box": () => this.#deleteBox(),
      "reset-view": () => this.setView(null),
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
      const { box, extent, spacing, locked } = this.state;
      if (!box || locked) return;
      const corner = { row: box[2] + rows, col: box[3] + cols };
      this.editBox(verb === "move" ? moveBox(box, rows, cols, extent) : resizeBox(box, "se", corner, extent, spacing));
      this.releaseBox();
    };
  }

  #takeBoxTool() {
    const { box, locked, extent, spacing } = this.state;
    if (!box && !locked) {
      this.editBox(centralBox(FIRST_BOX_MM, extent, spacing), { fresh: true });
      this.releaseBox();
    }
    this.#set({ tool: "box-tool", selected: !locked });
  }

  #deleteBox() {
    if (this.state.locked) return;
    this.ai.forget();
    this.#set({ box: null, boxSlice: null, selected: false });
    this.host.changed();
  }

  #toggleMark() {
    const { slice, marked, locked } = this.state;
    if (locked) return;
    const others = marked.filter((one) => one !== slice);
    this.#set({ marked: others.length < marked.length ? others : [...others, slice].sort((a, b) => a - b) });
    this.host.changed();
  }

  #set(change) {
    Object.assign(this.state, change);
    this.host.repaint();
  }
}
