// The CT viewer: puts the parts together. Everything that happens sets the state and asks for one repaint in the next
// frame; the data attributes are written in the frame that painted.

import { AiSession } from "./ai_session.js";
import { boxTool } from "./box_tool.js";
import { cropTriplet, INPUT_SIZE, standardized, thumbnailPixels } from "./crop.js";
import { boxToMm, centralBox, clamp, fitView, moveBox, resizeBox, sameBox, squareBox } from "./geometry.js";
import { actionOf, combination } from "./keymap.js";
import { panTool } from "./pan_tool.js";
import { buildPanel, offerMethods, updatePanel } from "./panel.js";
import { Picture } from "./picture.js";
import { listenToPointer } from "./pointer.js";
import { badgesOf, captionText, patientText, sliceText } from "./readout.js";
import { scrollTool } from "./scroll_tool.js";
import { drawStrip, sliceAtX, stripBars } from "./strip.js";
import { fetchWithTicket, refusal, Ticket } from "./ticket.js";
import { loadVolume, Volume } from "./volume.js";
import { fullRange, PRESETS, tidyWindow } from "./window_level.js";
import { windowTool } from "./window_tool.js";

const MARGIN_PX = 4;
const MAX_PIXEL_RATIO = 2;
const FIRST_BOX_MM = 40;

/**
 * @typedef {Object} Study
 * @property {string} case
 * @property {string} volume_url        chunk i at `${volume_url}/${i}`
 * @property {string} predict_url
 * @property {string} ticket
 * @property {[number, number, number]} shape        slices, rows, columns
 * @property {number} chunk_slices
 * @property {[number, number, number]} spacing_mm   slice, row, column
 * @property {{center: number, width: number}|null} header_window
 * @property {boolean} synthetic
 * @property {"live"|"off"|"locked"} ai
 * @property {{name: string, trained: boolean, caption: string, training_data: string}} weights
 * @property {string[]|null} cam_methods
 * @property {number|null} slice        the slice to open; with a box, the slice that it was drawn on
 * @property {[number, number, number, number]|null} box
 * @property {number[]} marked
 * @property {string} title
 */

/**
 * @param {HTMLElement} root  an empty element; its data attributes mirror the state
 * @param {{at?: (path: string) => string, onChange?: (reading: Object) => void, onStatus?: (text: string) => void}} host
 *   `at` turns a path into a URL and honours a path prefix
 */
export function createViewer(root, host = {}) {
  return new Viewer(root, host);
}

class Viewer {
  #root;
  #at;
  #parts;
  #ai;
  #picture = new Picture();
  #listeners = new Map();
  #life = new AbortController(); // of the viewer
  #loading = new AbortController(); // of the case
  #frame = 0;
  #thumbnailsOf = "";

  /** @type {Study|null} */
  #study = null;
  #volume = null;
  #ticket = null;
  #failed = false;
  #slice = 0;
  #window = PRESETS[0].window;
  #view = null; // null: fitted
  #size = { width: 0, height: 0 };
  #tool = matchMedia("(pointer: coarse)").matches ? "scroll-tool" : "box-tool";
  #selected = false;
  #box = null;
  #boxSlice = null;
  #marked = [];
  #locked = false;

  constructor(root, { at = (path) => path, onChange, onStatus }) {
    this.#root = root;
    this.#at = at;
    if (onChange) this.on("change", onChange);
    if (onStatus) this.on("status", onStatus);
    addStyles();
    this.#parts = buildPanel(root, {
      perform: (id) => this.perform(id),
      onCam: (change) => { this.#ai.wantCam(change); this.#repaint(); },
      onRetry: () => this.#load(),
    });
    this.#ai = new AiSession({
      send: (body, signal) => this.#predict(body, signal),
      onChange: () => this.#repaint(),
      onError: (message) => this.#say(`No answer from the network: ${message}`),
    });
    this.#listen();
    this.#writeState();
  }

  // ---- for the host

  /** @param {Study} study */
  open(study) {
    this.close();
    this.#study = study;
    this.#volume = new Volume(study.shape, study.chunk_slices);
    this.#ticket = new Ticket(study.ticket, async () => Promise.all(this.#emit("ticket", { case: study.case })));
    this.#slice = clamp(study.slice ?? Math.floor(study.shape[0] / 2), 0, study.shape[0] - 1);
    this.#adopt({ slice_index: this.#slice, box: study.box, marked_slices: study.marked });
    this.#ai.open(study.case, study.ai);
    if (!study.cam_methods?.includes(this.#ai.cam.method)) this.#ai.cam.method = "gradcam";
    offerMethods(this.#parts, study.cam_methods, this.#ai.cam.method);
    this.#fit();
    this.#load();
    this.#askAi();
    if (document.activeElement === document.body) this.#parts.picture.focus({ preventScroll: true });
  }

  /** Forget the case: its pixels, its answers, and what is under way. */
  close() {
    this.#loading.abort();
    this.#ai.open(null, "off");
    this.#study = this.#volume = this.#ticket = this.#view = null;
    this.#window = PRESETS[0].window;
    this.#adopt({});
    this.#failed = this.#locked = false;
    this.#repaint();
  }

  /** @param {"live"|"off"|"locked"} mode */
  setAi(mode) {
    this.#ai.setMode(mode);
    this.#askAi();
    this.#repaint();
  }

  /** Show another box and other marks, without telling the host that they changed. */
  setReading(reading) {
    const before = this.reading();
    this.#adopt(reading);
    if (!sameBox(before.box, this.#box) || before.slice_index !== this.#boxSlice) {
      this.#ai.forget();
      this.#askAi();
    }
    this.#repaint();
  }

  /** @returns {{slice_index: number|null, box: number[]|null, marked_slices: number[]}}  the slice is the box's */
  reading() {
    return { slice_index: this.#boxSlice, box: this.#box && [...this.#box], marked_slices: [...this.#marked] };
  }

  refreshTicket(ticket) {
    if (this.#ticket) this.#ticket.value = ticket;
  }

  /** A submitted reading can be looked at, not edited. */
  setLocked(locked) {
    this.#locked = locked;
    this.#selected = false;
    this.#repaint();
  }

  /** Show a slice (from 0), for example a marked one. */
  goTo(slice) {
    if (this.#study) this.#showSlice(slice);
  }

  /**
   * "change" (reading): the reader changed box or marks · "ai" ({mode}): the reader switches the AI, which happens when the
   * handler's promise resolves, and does not when it rejects · "ticket" ({case}): a new one is needed, and `refreshTicket`
   * was called when the handler's promise resolves · "action" ({id}): a key that is not the viewer's own · "status" (text).
   */
  on(event, listener) {
    this.#listeners.set(event, [...(this.#listeners.get(event) ?? []), listener]);
  }

  /** Do what a key does. Ids that are not the viewer's own go to the host as "action". */
  perform(id) {
    const own = this.#actions[id] ?? this.#boxAction(id);
    if (!own) this.#emit("action", { id });
    else if (this.#study) own();
  }

  destroy() {
    this.close();
    this.#life.abort();
    cancelAnimationFrame(this.#frame);
  }

  // ---- what the reader does

  #actions = {
    "previous-slice": () => this.#showSlice(this.#slice - 1),
    "next-slice": () => this.#showSlice(this.#slice + 1),
    "five-slices-back": () => this.#showSlice(this.#slice - 5),
    "five-slices-on": () => this.#showSlice(this.#slice + 5),
    "first-slice": () => this.#showSlice(0),
    "last-slice": () => this.#showSlice(Infinity),
    "mark-slice": () => this.#toggleMark(),
    ...Object.fromEntries(PRESETS.map(({ id }) => [id, () => this.#setWindow(this.#presetWindow(id) ?? this.#window)])),
    "box-tool": () => this.#takeBoxTool(),
    "scroll-tool": () => this.#takeTool("scroll-tool", false),
    "leave-box": () => this.#takeTool(this.#tool, false),
    "delete-box": () => this.#deleteBox(),
    "reset-view": () => this.#setView(null),
    "toggle-ai": () => this.#toggleAi(),
  };

  /** "move-up", "resize-left-far" and the like: by one or ten pixels, of the selected box only. */
  #boxAction(id) {
    const [, verb, way, far] = /^(move|resize)-(up|down|left|right)(-far)?$/.exec(id) ?? [];
    if (!verb) return null;
    const step = far ? 10 : 1;
    const [rows, cols] = { up: [-step, 0], down: [step, 0], left: [0, -step], right: [0, step] }[way];
    return () => {
      if (!this.#box || this.#locked) return;
      const corner = { row: this.#box[2] + rows, col: this.#box[3] + cols };
      this.#editBox(verb === "move" ? moveBox(this.#box, rows, cols, this.#extent) : resizeBox(this.#box, "se", corner, this.#extent, this.#spacing));
      this.#releaseBox();
    };
  }

  #showSlice(slice) {
    this.#slice = clamp(slice, 0, this.#volume.slices - 1);
    this.#repaint();
  }

  #setWindow(window) {
    this.#window = window;
    this.#repaint();
  }

  #setView(view) {
    this.#view = view;
    this.#repaint();
  }

  #takeTool(tool, selected) {
    this.#tool = tool;
    this.#selected = selected;
    this.#repaint();
  }

  #takeBoxTool() {
    if (!this.#box && !this.#locked) {
      this.#editBox(centralBox(FIRST_BOX_MM, this.#extent, this.#spacing), { fresh: true });
      this.#releaseBox();
    }
    this.#takeTool("box-tool", !this.#locked);
  }

  /** The box as it is dragged. The slice on which it is edited becomes its slice. */
  #editBox(box, { fresh = false } = {}) {
    if (sameBox(box, this.#box) && this.#boxSlice === this.#slice) return;
    this.#box = box;
    this.#boxSlice = this.#slice;
    this.#ai.moving(box, this.#slice, this.#volume.slices, fresh);
    this.#repaint();
  }

  #releaseBox() {
    this.#askAi();
    this.#emit("change", this.reading());
  }

  #deleteBox() {
    if (this.#locked) return;
    this.#box = this.#boxSlice = null;
    this.#selected = false;
    this.#ai.forget();
    this.#emit("change", this.reading());
    this.#repaint();
  }

  #toggleMark() {
    if (this.#locked) return;
    const others = this.#marked.filter((slice) => slice !== this.#slice);
    this.#marked = others.length < this.#marked.length ? others : [...others, this.#slice].sort((a, b) => a - b);
    this.#emit("change", this.reading());
    this.#repaint();
  }

  /** The host hears of it first: an answer counts as made with the AI before anything of the AI is on the screen. */
  async #toggleAi() {
    const study = this.#study;
    if (this.#ai.mode === "locked") return this.#say("The AI is locked until your own answer is submitted.");
    const mode = this.#ai.mode === "live" ? "off" : "live";
    try {
      await Promise.all(this.#emit("ai", { mode }));
      if (this.#study === study) this.setAi(mode);
    } catch (error) {
      this.#say(`The AI stays ${this.#ai.mode === "live" ? "on" : "off"}: ${error.message}`);
    }
  }

  // ---- pixels and answers

  async #load() {
    const loading = (this.#loading = new AbortController());
    this.#failed = false;
    this.#say("Loading the images …");
    try {
      await loadVolume(this.#volume, {
        url: (chunk) => this.#at(`${this.#study.volume_url}/${chunk}`),
        ticket: this.#ticket,
        shown: () => this.#slice,
        signal: loading.signal,
        onProgress: () => this.#repaint(),
      });
      if (!loading.signal.aborted) this.#say("");
    } catch (error) {
      if (loading.signal.aborted) return;
      loading.abort();
      this.#failed = true;
      this.#say(`The images were not loaded: ${error.message}`);
    }
  }

  #askAi() {
    if (this.#box) this.#ai.settled(this.#box, this.#boxSlice, this.#volume.slices);
  }

  async #predict(body, signal) {
    const init = { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body), signal };
    const response = await fetchWithTicket(this.#at(this.#study.predict_url), init, this.#ticket);
    if (!response.ok) throw new Error(await refusal(response));
    return response.json();
  }

  #adopt({ slice_index = null, box = null, marked_slices = [] }) {
    this.#box = box && [...box];
    this.#boxSlice = box ? slice_index ?? this.#slice : null;
    this.#marked = [...(marked_slices ?? [])].sort((a, b) => a - b);
    this.#selected = false;
  }

  // ---- geometry

  get #extent() {
    return { rows: this.#volume.rows, columns: this.#volume.columns };
  }

  get #spacing() {
    return { row: this.#study.spacing_mm[1], column: this.#study.spacing_mm[2] };
  }

  get #fitted() {
    return fitView(this.#size, this.#extent, this.#spacing, MARGIN_PX);
  }

  #presetWindow(id) {
    if (id === "window-header") return this.#study?.header_window ? tidyWindow(this.#study.header_window) : null;
    if (id === "window-full") return this.#volume?.loaded ? fullRange(this.#volume.least, this.#volume.most) : null;
    return PRESETS.find((preset) => preset.id === id).window;
  }

  // ---- events in and out

  #listen() {
    const { picture, strip } = this.#parts;
    const signal = this.#life.signal;
    const tools = { 1: panTool, 2: windowTool };
    listenToPointer(picture, this.#desk(), (button) => (button === 0 ? this.#leftTool() : tools[button]), signal);
    picture.addEventListener("keydown", (event) => this.#key(event), { signal });
    const go = (event) => { if (event.buttons && this.#study) this.#showSlice(sliceAtX(event.offsetX, strip.clientWidth, this.#volume.slices)); };
    strip.addEventListener("pointerdown", (event) => { strip.setPointerCapture(event.pointerId); go(event); }, { signal });
    strip.addEventListener("pointermove", go, { signal });
    const resize = new ResizeObserver(() => (this.#root.isConnected ? this.#fit() : this.destroy()));
    [picture, strip].forEach((canvas) => resize.observe(canvas));
    signal.addEventListener("abort", () => resize.disconnect());
  }

  #leftTool() {
    return this.#tool === "box-tool" && !this.#locked ? boxTool : scrollTool;
  }

  /** Nearly every key is taken: one that falls through would scroll the page. */
  #key(event) {
    if (event.code === "Tab") return;
    event.stopPropagation();
    const id = actionOf(event, this.#selected ? "box" : null);
    const browsers = /^(F\d+$|Ctrl|Alt)/.test(combination(event));
    if (id || !browsers) event.preventDefault();
    if (id) this.perform(id);
  }

  /** The viewer as the tools see it (pointer.js). */
  #desk() {
    const viewer = this;
    return {
      get ready() { return Boolean(viewer.#study) && viewer.#size.width > 0; },
      get slice() { return viewer.#slice; },
      get slices() { return viewer.#volume.slices; },
      get extent() { return viewer.#extent; },
      get spacing() { return viewer.#spacing; },
      get size() { return viewer.#size; },
      get view() { return viewer.#view ?? viewer.#fitted; },
      get fitted() { return viewer.#fitted; },
      get window() { return viewer.#window; },
      get box() { return viewer.#box; },
      showSlice: (slice) => this.#showSlice(slice),
      setWindow: (window) => this.#setWindow(window),
      setView: (view) => this.#setView(view),
      editBox: (box, options) => this.#editBox(box, options),
      releaseBox: () => this.#releaseBox(),
      selectBox: (selected) => this.#takeTool(this.#tool, selected),
    };
  }

  #emit(event, detail) {
    return (this.#listeners.get(event) ?? []).map((listener) => listener(detail));
  }

  #say(text) {
    this.#parts.status.textContent = text;
    this.#emit("status", text);
    this.#repaint();
  }

  // ---- painting

  #repaint() {
    this.#frame ||= requestAnimationFrame(() => { this.#frame = 0; this.#paint(); });
  }

  /** After a change of size: at once, because a canvas that is resized is empty. */
  #fit() {
    const { picture, strip } = this.#parts;
    const ratio = Math.min(window.devicePixelRatio || 1, MAX_PIXEL_RATIO);
    for (const canvas of [picture, strip]) {
      Object.assign(canvas, { width: Math.round(canvas.clientWidth * ratio), height: Math.round(canvas.clientHeight * ratio) });
      canvas.getContext("2d").setTransform(ratio, 0, 0, ratio, 0, 0);
    }
    this.#size = sizeOf(picture);
    this.#paint();
  }

  #paint() {
    if (!this.#root.isConnected) return this.destroy();
    const { picture, strip } = this.#parts;
    if (!this.#study) picture.getContext("2d").clearRect(0, 0, picture.width, picture.height);
    else if (this.#size.width) {
      this.#picture.draw(picture.getContext("2d"), this.#size, this.#scene());
      drawStrip(strip.getContext("2d"), sizeOf(strip), this.#bars());
      this.#drawThumbnails();
      updatePanel(this.#parts, this.#panelState());
    }
    this.#writeState();
  }

  #scene() {
    const { mode, cam } = this.#ai;
    return {
      hu: this.#volume.slice(this.#slice),
      extent: this.#extent,
      spacing: this.#spacing,
      view: this.#view ?? this.#fitted,
      window: this.#window,
      box: this.#box,
      handles: this.#leftTool() === boxTool,
      selected: this.#selected,
      ownSlice: this.#boxSlice === this.#slice,
      answer: mode === "live" && cam.shown ? this.#ai.answers.get(this.#slice) ?? null : null,
      cam,
      words: {
        slice: this.#slice,
        slices: this.#volume.slices,
        window: this.#window,
        view: this.#view ?? this.#fitted,
        title: this.#study.title ?? "",
        badges: badgesOf(this.#study),
      },
    };
  }

  #bars() {
    const { slices } = this.#volume;
    return stripBars({ slices, slice: this.#slice, marked: this.#marked, defaults: this.#ai.defaults, answers: this.#ai.answers });
  }

  #panelState() {
    const { mode, cam, busy, patient, runtime } = this.#ai;
    const answer = this.#ai.answers.get(this.#slice);
    const here = sliceText({ mode, hasBox: Boolean(this.#box), busy, slice: this.#slice, probability: answer?.probability ?? null });
    return {
      presets: PRESETS.map(({ id }) => ({ id, window: this.#presetWindow(id) })),
      window: this.#window,
      tool: this.#tool,
      slice: this.#slice,
      slices: this.#volume.slices,
      progress: this.#volume.loaded / this.#volume.chunks.length,
      failed: this.#failed,
      ai: { mode, cam, here, whole: patientText(patient), stale: Boolean(answer) && !this.#exact(answer), caption: mode === "live" ? captionText(this.#study.weights, runtime) : "" },
    };
  }

  #exact(answer) {
    return sameBox(answer?.box ?? null, this.#box) && Boolean(answer);
  }

  /** The exact input of the network for the shown slice; drawn again only when it can have changed. */
  #drawThumbnails() {
    const { slices } = this.#volume;
    const key = [this.#study.case, this.#box, this.#slice, this.#volume.loaded].join("|");
    if (key === this.#thumbnailsOf) return;
    this.#thumbnailsOf = key;
    const square = this.#box && squareBox(boxToMm(this.#box, this.#spacing), this.#extent, this.#spacing);
    const crop = square && cropTriplet((index) => this.#volume.slice(index), { slices, ...this.#extent }, square, this.#spacing, this.#slice);
    const input = crop && standardized(crop);
    this.#parts.thumbnails.forEach(({ canvas, caption }, channel) => {
      const context = canvas.getContext("2d");
      context.clearRect(0, 0, INPUT_SIZE, INPUT_SIZE);
      if (input) context.putImageData(new ImageData(thumbnailPixels(input, channel), INPUT_SIZE), 0, 0);
      caption.textContent = input ? `slice ${clamp(this.#slice + channel - 1, 0, slices - 1) + 1}` : "–";
    });
  }

  /** What tests and other programs read (design.md §6). Numbers of the AI stand here only for exactly this box. */
  #writeState() {
    const { mode, cam, patient, answers, busy } = this.#ai;
    const answer = answers.get(this.#slice);
    const shown = Boolean(this.#volume?.has(this.#slice));
    Object.assign(this.#root.dataset, {
      state: shown ? "ready" : this.#failed ? "failed" : "loading",
      case: this.#study?.case ?? "",
      slice: String(this.#slice),
      slices: String(this.#volume?.slices ?? 0),
      windowWidth: String(this.#window.width),
      windowCenter: String(this.#window.center),
      box: this.#box ? JSON.stringify(this.#box) : "",
      probability: this.#exact(answer) ? String(answer.probability) : "",
      patientProbability: patient ? String(patient.probability) : "",
      predictions: String(answers.size),
      predicting: String(busy),
      cam: mode === "locked" ? "locked" : mode === "live" && cam.shown ? "on" : "off",
    });
  }
}

function sizeOf(canvas) {
  return { width: canvas.clientWidth, height: canvas.clientHeight };
}

/** The style sheet lies beside this module and comes under the same version. */
function addStyles() {
  const href = new URL("viewer.css", import.meta.url).href;
  if (document.querySelector(`link[href="${href}"]`)) return;
  document.head.append(Object.assign(document.createElement("link"), { rel: "stylesheet", href }));
}
