// The axial and the coronal view beside the sagittal picture, with reference lines in all three. The second volume is asked
// for when they are first opened, never before.

import { element } from "./elements.js";
import { boxOnScreen, clamp, fitView, hitTest, screenToImage } from "./geometry.js";
import { indexAt, middleOf, placeFromPlane, placeInCase, planeOf } from "./linked_geometry.js";
import { listenToClicks, listenToPlane } from "./linked_pointer.js";
import { LinkedState } from "./linked_state.js";
import { Picture } from "./picture.js";
import { drawReferenceLines, referenceLines } from "./reference_lines.js";
import { loadVolume } from "./volume.js";

const MAX_PIXEL_RATIO = 2;
const MARGIN_PX = 4;
const NO_SECOND = "No second volume: import the series again. Axial and coronal are cut from the sagittal slices.";
const VIEWS = [
  { way: "foot", name: "Axial", letters: { top: "A", bottom: "P", left: "R", right: "L" } },
  { way: "back", name: "Coronal", letters: { top: "H", bottom: "F", left: "R", right: "L" } },
];

export class LinkedView {
  #linked;
  #views;
  #pane;
  #loading = new AbortController();

  /**
   * @param {HTMLElement} root
   * @param {Object<string, any>} parts  of panel.js
   * @param {import("./case_state.js").CaseState} state
   * @param {import("./actions.js").Actions} actions
   * @param {{at: (path: string) => string, ticket: () => import("./ticket.js").Ticket, repaint: () => void,
   *          say: (about: string, text: string) => void, works: (about: string) => void}} host
   * @param {AbortSignal} signal  of the viewer's life
   */
  constructor(root, parts, state, actions, host, signal) {
    Object.assign(this, { root, parts, state, actions, host });
    this.#linked = new LinkedState(state);
    this.#views = VIEWS.map((view) => ({ ...view, picture: new Picture(), canvas: element("canvas", { class: "ctv-plane", role: "img", "data-plane": view.name.toLowerCase() }) }));
    this.#pane = element("div", { class: "ctv-linked", hidden: true }, ...this.#views.map(({ canvas }) => canvas));
    parts.picture.parentElement.append(this.#pane);
    this.#listen(signal);
  }

  /** Open the views, or close them. */
  toggle() {
    if (this.#linked.shown) return this.#hide();
    this.#linked.open();
    this.#pane.hidden = false;
    if (this.#linked.status === "failed") this.host.say("linked", NO_SECOND);
    else this.#load();
    this.host.repaint();
  }

  /** The case is left: its second volume is forgotten, and the next case has to be asked for again. */
  close() {
    this.#hide();
    this.#linked.forget();
  }

  /** In the frame that painted the sagittal picture, on which the lines are drawn too. */
  paint() {
    const shown = this.#linked.shown && this.state.ready;
    this.parts.linked.setAttribute("aria-pressed", String(this.#linked.shown));
    Object.assign(this.root.dataset, {
      linked: this.#linked.status,
      axial: shown ? String(this.#linked.indexOf("foot")) : "",
      coronal: shown ? String(this.#linked.indexOf("back")) : "",
    });
    if (!shown) return;
    this.#views.forEach((view) => this.#paintView(view));
    const { view, size } = this.state;
    drawReferenceLines(this.parts.picture.getContext("2d"), referenceLines(this.#linked.stack, "left", this.#linked.at, view, size));
  }

  #hide() {
    this.#loading.abort();
    this.#linked.status = "off";
    this.#pane.hidden = true;
    this.host.works("linked");
  }

  async #load() {
    const linked = this.#linked;
    const { axial } = this.state.study;
    const loading = (this.#loading = new AbortController());
    try {
      await loadVolume(linked.volume, {
        url: (chunk) => this.host.at(`${axial.url}/${chunk}`),
        ticket: this.host.ticket(),
        shown: () => linked.indexOf("foot"),
        signal: loading.signal,
        onProgress: () => this.host.repaint(),
      });
      if (!loading.signal.aborted) linked.status = "ready";
    } catch (error) {
      if (loading.signal.aborted) return;
      loading.abort();
      linked.status = "failed";
      this.host.say("linked", `The second volume was not loaded: ${error.message}. Axial and coronal are cut from the sagittal slices.`);
    }
    this.host.repaint();
  }

  #paintView({ way, name, letters, picture, canvas }) {
    const { source, at, volume } = this.#linked;
    const size = { width: canvas.clientWidth, height: canvas.clientHeight };
    if (!size.width) return;
    const index = this.#linked.indexOf(way);
    const { count } = source.grid.axes[way];
    const context = canvas.getContext("2d");
    const loading = this.#linked.status === "loading" ? `loading ${Math.floor((100 * volume.loaded) / volume.chunks.length)} %` : "";
    const synthetic = this.state.study.synthetic ? ["SYNTHETIC"] : [];
    const view = fitView(size, planeOf(source.grid, way).extent, planeOf(source.grid, way).spacing, MARGIN_PX);
    picture.draw(context, size, {
      hu: this.#linked.plane(way), ...planeOf(source.grid, way), view, window: this.state.window, box: null, shown: null,
      words: {
        letters, view, window: null,
        title: source.own ? loading : "from sagittal slices",
        position: `${name} ${index + 1}/${count}`,
        badges: synthetic,
        missing: "loading …",
      },
    });
    drawReferenceLines(context, referenceLines(source.grid, way, at, view, size));
    canvas.setAttribute("aria-label", [`${name} CT slice ${index + 1} of ${count}`, ...synthetic].join(", "));
  }

  #listen(signal) {
    const { picture } = this.parts;
    const focus = () => picture.focus({ preventScroll: true });
    for (const { way, canvas } of this.#views) {
      const goTo = (point) => this.#goTo(this.#placeAt(way, canvas, point));
      const scroll = (steps) => this.#scroll(way, steps);
      listenToPlane(canvas, { state: this.state, actions: this.actions, goTo, scroll, focus }, signal);
    }
    listenToClicks(picture, { onBox: (point) => this.#onBox(point), goTo: (point) => this.#goToSagittal(point) }, signal);
    const resize = new ResizeObserver(() => this.#resize());
    this.#views.forEach(({ canvas }) => resize.observe(canvas));
    signal.addEventListener("abort", () => resize.disconnect());
  }

  /** All views go to a place; the sagittal picture to the slice that holds it. */
  #goTo(place) {
    this.#linked.pin(place);
    if ("left" in place) this.actions.showSlice(indexAt(this.#linked.stack.axes.left, place.left));
    this.host.repaint();
  }

  #goToSagittal(point) {
    const { slice, view, spacing, ready } = this.state;
    if (!ready || !this.#linked.shown) return;
    const { foot, back } = placeInCase(this.#linked.stack, slice, screenToImage(view, spacing, point));
    this.#goTo({ foot, back });
  }

  #scroll(way, steps) {
    const axis = this.#linked.source.grid.axes[way];
    this.#goTo({ [way]: middleOf(axis, clamp(this.#linked.indexOf(way) + steps, 0, axis.count - 1)) });
  }

  #placeAt(way, canvas, point) {
    const { grid } = this.#linked.source;
    const { extent, spacing } = planeOf(grid, way);
    const view = fitView({ width: canvas.clientWidth, height: canvas.clientHeight }, extent, spacing, MARGIN_PX);
    return placeFromPlane(grid, way, screenToImage(view, spacing, point));
  }

  #onBox(point) {
    const { box, view, spacing } = this.state;
    return box !== null && hitTest(boxOnScreen(view, spacing, box), point) !== null;
  }

  #resize() {
    const ratio = Math.min(window.devicePixelRatio || 1, MAX_PIXEL_RATIO);
    for (const { canvas } of this.#views) {
      Object.assign(canvas, { width: Math.round(canvas.clientWidth * ratio), height: Math.round(canvas.clientHeight * ratio) });
      canvas.getContext("2d").setTransform(ratio, 0, 0, ratio, 0, 0);
    }
    this.paint();
  }
}
