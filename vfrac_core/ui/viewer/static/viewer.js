// The CT viewer: puts the parts together and speaks with its host. Everything that happens sets the state and asks for
// one repaint in the next frame.

import { Actions } from "./actions.js";
import { AiSession } from "./ai_session.js";
import { CaseServer } from "./case_server.js";
import { CaseState } from "./case_state.js";
import { Compare } from "./compare.js";
import { listenToHands } from "./input.js";
import { Keys } from "./keys.js";
import { LinkedView } from "./linked_view.js";
import { Listeners } from "./listeners.js";
import { buildPanel, offerMethods, showRemarks } from "./panel.js";
import { Screen } from "./screen.js";
import { SignTeller, targetAfterClick } from "./sign_answers.js";
import { StatusLine } from "./status_line.js";
import { addStyles } from "./styles.js";

/**
 * @param {HTMLElement} root  an empty element; its data attributes mirror the state
 * @param {{at?: (path: string) => string, readerToken?: string, keys?: Keys, signs?: import("./sign_answers.js").Sign[],
 *          listsSigns?: boolean}} host
 *   `at` turns a path into a URL and honours a path prefix; by the token the server knows who asks the AI; `keys` are the reader's;
 *   `listsSigns`: the AI's answers for the signs stand in the viewer, because the host has no place for them
 */
export function createViewer(root, host = {}) {
  return new Viewer(root, host);
}

class Viewer {
  #root;
  #keys;
  #server;
  #parts;
  #status;
  #state = new CaseState();
  #ai;
  #actions;
  #screen;
  #compare;
  #linked;
  #listeners = new Listeners();
  #signTeller;
  #life = new AbortController(); // of the viewer
  #loading = new AbortController(); // of the case's pixels
  #frame = 0;

  constructor(root, { at = (path) => path, readerToken = "", keys = new Keys(), signs = [], listsSigns = false }) {
    this.#root = root;
    this.#signTeller = new SignTeller(signs, (answers) => this.#emit("signs", answers));
    this.#keys = keys;
    this.#server = new CaseServer(at, readerToken);
    addStyles();
    this.#parts = buildPanel(root, {
      keys, signs, listsSigns,
      perform: (id) => this.perform(id),
      onSign: (name) => this.toggleMapOf(name),
      onCam: (change) => { this.#ai.wantCam(change); this.#repaint(); },
      onRetry: () => this.#load(),
    });
    this.#status = new StatusLine(this.#parts.status);
    this.#ai = new AiSession({
      send: (body, signal) => this.#ask("", body, signal),
      onChange: () => this.#repaint(),
      onError: (message) => this.#say("ai", `No answer from the network: ${message}`),
    });
    this.#actions = new Actions(this.#state, this.#ai, {
      repaint: () => this.#repaint(),
      changed: () => { this.#works("touch"); this.#emit("change", this.reading()); },
      windowChanged: (window) => this.#emit("window", window),
      toggleAi: () => this.#toggleAi(),
      toggleLinked: () => this.#linked.toggle(),
    });
    this.#screen = new Screen(root, this.#parts, this.#state, this.#ai, keys, signs);
    this.#compare = new Compare(root, this.#state, this.#ai, {
      ask: (door, body, signal) => this.#ask(door, body, signal),
      say: (text) => (text ? this.#say("compare", text) : this.#works("compare")),
      repaint: () => this.#repaint(),
      keys,
    });
    keys.onChange(() => this.#repaint()); // what is written may name a key
    this.#linked = new LinkedView(root, this.#parts, this.#state, this.#actions, {
      at,
      ticket: () => this.#server.ticket,
      repaint: () => this.#repaint(),
      say: (about, text) => this.#say(about, text),
      works: (about) => this.#works(about),
    }, this.#life.signal);
    if (matchMedia("(pointer: coarse)").matches) this.#state.tool = "scroll-tool";
    this.#listen();
    this.#paint();
  }

  // ---- for the host

  /** @param {import("./case_state.js").Study} study */
  open(study) {
    this.close();
    this.#state.open(study);
    this.#server.open(study, async () => Promise.all(this.#emit("ticket", { case: study.case })));
    this.#ai.open(study.case, study.ai, study.cam_methods);
    showRemarks(this.#parts, study.remarks);
    offerMethods(this.#parts, study.cam_methods, this.#ai.cam.method);
    this.#resize();
    this.#load();
    this.#actions.askAi();
    const isFree = document.hasFocus() && document.activeElement === document.body; // no field has the keys, nor a page around our frame
    if (isFree) this.#parts.picture.focus({ preventScroll: true });
  }

  /** Forget the case: its pixels, its answers, and what is under way. */
  close() {
    this.#loading.abort();
    this.#compare.clear();
    this.#linked.close();
    this.#ai.open(null, "off");
    this.#state.close();
    this.#server.close();
    this.#repaint();
  }

  /** @param {"live"|"off"|"locked"} mode */
  setAi(mode) {
    this.#ai.setMode(mode);
    this.#actions.askAi();
    this.#repaint();
  }

  /** Show another box and other marks, without telling the host that they changed. */
  setReading(reading) {
    const before = this.reading();
    this.#state.adopt(reading);
    const boxes = ({ box, slice_index, slice_boxes }) => JSON.stringify([box, slice_index, Object.entries(slice_boxes)]);
    if (boxes(before) !== boxes(this.reading())) {
      this.#ai.forget();
      this.#actions.askAi();
    }
    this.#repaint();
  }

  /** Draw an answer's arrows and reference box over the slices; null draws nothing. */
  setAnswer(answer) {
    this.#state.answer = answer;
    this.#repaint();
  }

  /** A submitted reading can be looked at, not edited. */
  setLocked(locked) {
    if (locked) this.#state.leaveHeights();
    if (locked) this.#state.selected = false;
    this.#state.locked = locked;
    this.#repaint();
  }

  /** @returns {import("./case_state.js").Reading} */
  reading() {
    return this.#state.reading;
  }

  /** Show a slice (from 0), for example a marked one. */
  goTo(slice) {
    if (this.#state.study) this.#actions.showSlice(slice);
  }

  /** A preset by its id, or numbers. */
  setWindow(window) {
    if (this.#state.study && window) this.#actions.setWindow(window);
  }

  /** Show the map of a sign, or the malignant one again. Without a sign's answer there is no map of it. */
  toggleMapOf(name) {
    if (!this.#ai.signs) return;
    this.#ai.wantCam({ shown: true, target: targetAfterClick(this.#ai.cam.target, name) });
    this.#repaint();
  }

  refreshTicket(ticket) {
    if (this.#server.ticket) this.#server.ticket.value = ticket;
  }

  /**
   * "change" (reading): the reader changed box or marks · "ai" ({mode}): the reader switches the AI, which happens when the
   * handler's promise resolves, and does not when it rejects · "ticket" ({case}): a new one is needed, and `refreshTicket`
   * was called when the handler's promise resolves · "action" ({id}): a key that is not the viewer's own · "answer" ({case}): the AI
   * has answered · "window" (a preset's id, or numbers): the reader chose a window · "signs" (answers or null): what the AI says of
   * the signs has changed, see sign_answers.js.
   */
  on(event, listener) {
    this.#listeners.on(event, listener);
  }

  /** What a key stands for now: while the box is selected or heights are measured some keys are theirs. */
  actionOf(event) {
    const { measures, selected } = this.#state;
    return this.#keys.actionOf(event, measures ? "heights" : selected ? "box" : null);
  }

  /** Do what a key does. Ids that are not the viewer's own go to the host as "action". */
  perform(id) {
    if (id === "compare") this.#compare.toggle();
    else if (!this.#actions.perform(id)) this.#emit("action", { id });
  }

  destroy() {
    this.close();
    this.#life.abort();
    this.#parts.announcer.stop();
    cancelAnimationFrame(this.#frame);
  }

  // ---- pixels and answers

  async #load() {
    const { volume } = this.#state;
    const loading = (this.#loading = new AbortController());
    this.#state.failed = false;
    this.#say("images", "Loading the images …");
    try {
      await this.#server.fill(volume, { shown: () => this.#state.slice, signal: loading.signal, onProgress: () => this.#repaint() });
      if (!loading.signal.aborted) this.#works("images");
    } catch (error) {
      if (loading.signal.aborted) return;
      loading.abort();
      this.#state.failed = true;
      this.#say("images", `The images were not loaded: ${error.message}`);
    }
  }

  async #ask(door, body, caller) {
    const answer = await this.#server.predict(door, body, caller);
    this.#works("ai");
    this.#emit("answer", { case: answer.case });
    return answer;
  }

  /** The host hears of it first: an answer counts as made with the AI before anything of the AI is on the screen. */
  async #toggleAi() {
    const { study } = this.#state;
    if (this.#ai.mode === "locked") return this.#say("ai", "The AI is locked until your own answer is submitted.");
    const mode = this.#ai.mode === "live" ? "off" : "live";
    try {
      await Promise.all(this.#emit("ai", { mode }));
      if (this.#state.study !== study) return;
      this.#works("ai");
      this.setAi(mode);
    } catch (error) {
      this.#say("ai", `The AI stays ${this.#ai.mode === "live" ? "on" : "off"}: ${error.message}`);
    }
  }

  // ---- events in and out

  #listen() {
    const { picture, strip } = this.#parts;
    const signal = this.#life.signal;
    listenToHands(this.#parts, this.#state, this.#actions, {
      keys: this.#keys,
      actionOf: (event) => this.actionOf(event),
      perform: (id) => this.perform(id),
      onLongPress: () => this.#say("touch", "Draw the box."),
    }, signal);
    const resize = new ResizeObserver(() => (this.#root.isConnected ? this.#resize() : this.destroy()));
    [picture, strip].forEach((canvas) => resize.observe(canvas));
    signal.addEventListener("abort", () => resize.disconnect());
    addEventListener("focus", () => this.#actions.askAi(), { signal }); // other weights may have been made current meanwhile
  }

  #emit(event, detail) {
    return this.#listeners.emit(event, detail);
  }

  #say(about, text) {
    this.#status.say(about, text);
    this.#repaint();
  }

  #works(about) {
    this.#status.clear(about);
    this.#repaint();
  }

  #repaint() {
    this.#frame ||= requestAnimationFrame(() => {
      this.#frame = 0;
      if (this.#root.isConnected) this.#paint();
      else this.destroy();
    });
  }

  #paint() {
    this.#screen.paint();
    this.#linked.paint();
    this.#compare.paint();
    this.#signTeller.tell(this.#state.study && this.#ai); // in this frame: form and picture never tell of two different answers
  }

  #resize() {
    this.#screen.resize();
    this.#linked.paint();
  }
}
