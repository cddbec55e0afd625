// From state to screen: the picture, the strip, the thumbnails, the elements around them, and the data attributes, all in
// the same frame.

import { answerOn } from "./arrows.js";
import { INPUT_SIZE, inputOf, thumbnailPixels } from "./crop.js";
import { clamp, sameBox } from "./geometry.js";
import { heightLoss } from "./heights.js";
import { bodiesShown, pointCount } from "./height_task.js";
import { updatePanel } from "./panel.js";
import { Picture } from "./picture.js";
import { probeText } from "./probe.js";
import { badgesOf, captionText, mapText, outOfFoldText, patientText, sliceText } from "./readout.js";
import { lengthMm } from "./ruler.js";
import { answersFor, isSign, signAnswers, targetWords } from "./sign_answers.js";
import { drawStrip, stripBars } from "./strip.js";
import { PRESETS } from "./window_level.js";

const MAX_PIXEL_RATIO = 2;

export class Screen {
  #picture = new Picture();
  #thumbnailsOf = "";

  /**
   * @param {HTMLElement} root
   * @param {Object<string, any>} parts  of panel.js
   * @param {import("./case_state.js").CaseState} state
   * @param {import("./ai_session.js").AiSession} ai
   * @param {import("./keys.js").Keys} keys
   * @param {import("./sign_answers.js").Sign[]} signs
   */
  constructor(root, parts, state, ai, keys, signs) {
    Object.assign(this, { root, parts, state, ai, keys, signs });
  }

  /** Fit the canvases to their places; painted at once, because a canvas that is resized is empty. */
  resize() {
    const ratio = Math.min(window.devicePixelRatio || 1, MAX_PIXEL_RATIO);
    for (const canvas of [this.parts.picture, this.parts.strip]) {
      Object.assign(canvas, { width: Math.round(canvas.clientWidth * ratio), height: Math.round(canvas.clientHeight * ratio) });
      canvas.getContext("2d").setTransform(ratio, 0, 0, ratio, 0, 0);
    }
    this.state.size = sizeOf(this.parts.picture);
    this.paint();
  }

  paint() {
    const { picture, strip } = this.parts;
    if (!this.state.study) picture.getContext("2d").clearRect(0, 0, picture.width, picture.height);
    else if (this.state.ready) {
      this.#picture.draw(picture.getContext("2d"), this.state.size, this.#scene());
      drawStrip(strip.getContext("2d"), sizeOf(strip), this.#bars(), this.#ofSign);
      this.#drawThumbnails();
      updatePanel(this.parts, this.#panelState());
    }
    this.#writeAttributes();
  }

  /** The answer for the shown slice, if there is one. */
  get #answer() {
    return this.ai.answers.get(this.state.slice) ?? null;
  }

  /** The answer whose map is on the picture. */
  get #mapped() {
    const isShown = this.ai.mode === "live" && this.ai.cam.shown && this.state.box !== null;
    return isShown && this.#answer?.cam ? this.#answer : null;
  }

  /** The sign whose map and numbers are shown, in words; empty for malignant and benign. */
  get #ofSign() {
    const { target } = this.ai.cam;
    return isSign(this.signs, target) ? targetWords(this.signs, target) : "";
  }

  /** While the box is dragged the last answer may be one for a box a little earlier. */
  get #exact() {
    return this.#answer !== null && sameBox(this.#answer.box, this.state.shownBox);
  }

  /** Of an example's answer, on this slice. */
  get #shown() {
    return this.state.answer && answerOn(this.state.answer, this.state.slice);
  }

  #scene() {
    const { study, volume, slice, slices, extent, spacing, view, window, shownBox: box, boxSlice, drawsBox, selected, failed } = this.state;
    const { ruler, hasOwnBox } = this.state;
    const { cam } = this.ai;
    return {
      hu: volume.slice(slice),
      extent, spacing, view, window, box, selected, cam,
      handles: drawsBox,
      ownSlice: boxSlice === slice || hasOwnBox,
      ownBox: hasOwnBox,
      ruler: ruler?.slice === slice ? ruler : null,
      answer: this.#mapped,
      shown: this.#shown,
      measured: this.#measured,
      words: {
        slice, slices, window, view,
        title: study.title ?? "",
        badges: badgesOf(study, this.ai.weights),
        probe: probeText(this.state),
        map: this.#mapped && this.#ofSign ? `CAM: ${this.#ofSign}` : "",
        missing: failed ? `slice ${slice + 1} was not loaded` : `loading slice ${slice + 1} …`,
      },
    };
  }

  /** Of the height aid, on this slice. */
  get #measured() {
    const { heights, heightTask, slice } = this.state;
    const bodies = bodiesShown(heights, heightTask);
    const own = heightTask ? heightTask.slice : heights?.slice_index;
    return bodies.length && own === slice ? { heights, bodies, last: heightTask?.last ?? null } : null;
  }

  #heightGuide() {
    const { heights, heightTask: task, slice, spacing, measures } = this.state;
    return measures ? { task, slice, loss: heights && heightLoss(heights, spacing) } : null;
  }

  #bars() {
    const { slices, slice, marked } = this.state;
    const answers = answersFor(this.signs, this.ai.answers, this.ai.cam.target);
    return stripBars({ slices, slice, marked, defaults: this.ai.defaults, answers });
  }

  #panelState() {
    const { state } = this;
    const { mode, cam, busy, patient, outOfFold, runtime, weights } = this.ai;
    const probability = this.#answer?.probability ?? null;
    return {
      presets: PRESETS.map(({ id }) => ({ id, window: state.presetWindow(id) })),
      window: state.window,
      tool: state.tool,
      lockAspect: state.lockAspect,
      heights: this.#heightGuide(),
      slice: state.slice,
      slices: state.slices,
      badges: badgesOf(state.study, weights),
      progress: state.volume.loaded / state.volume.chunks.length,
      failed: state.failed,
      ai: {
        mode, cam,
        here: sliceText({ mode, hasBox: state.box !== null, busy, slice: state.slice, probability }, this.keys),
        whole: patientText(patient) + outOfFoldText(outOfFold),
        stale: probability !== null && !this.#exact,
        signs: signAnswers(this.signs, this.ai),
        ofSign: this.#ofSign,
        map: this.#mapped ? mapText(targetWords(this.signs, cam.target), this.#mapped) : "",
        caption: mode === "live" ? captionText({ ...state.study.weights, ...weights }, runtime) : "",
      },
    };
  }

  /** The exact input of the network for the shown slice; drawn again only when it can have changed. */
  #drawThumbnails() {
    const { study, volume, slice, slices, shownBox: box } = this.state;
    const key = [study.case, box, slice, volume.loaded].join("|");
    if (key === this.#thumbnailsOf) return;
    this.#thumbnailsOf = key;
    const input = inputOf(this.state);
    this.parts.thumbnails.forEach(({ canvas, caption }, channel) => {
      const context = canvas.getContext("2d");
      context.clearRect(0, 0, INPUT_SIZE, INPUT_SIZE);
      if (input) context.putImageData(new ImageData(thumbnailPixels(input, channel), INPUT_SIZE), 0, 0);
      caption.textContent = input ? `slice ${clamp(slice + channel - 1, 0, slices - 1) + 1}` : "–";
    });
  }

  /** What tests and other programs read (design.md §6). Numbers of the AI stand here only for exactly this box. */
  #writeAttributes() {
    const { study, volume, slice, slices, window, shownBox: box, failed, tool, ruler, sliceBoxes, heights, heightTask } = this.state;
    const { mode, cam, patient, answers, busy } = this.ai;
    Object.assign(this.root.dataset, {
      state: volume?.has(slice) ? "ready" : failed ? "failed" : "loading",
      case: study?.case ?? "",
      slice: String(slice),
      slices: String(slices),
      windowWidth: String(window.width),
      windowCenter: String(window.center),
      box: box ? JSON.stringify(box) : "",
      sliceBoxes: Object.keys(sliceBoxes).join(" "),
      tool,
      ruler: ruler ? lengthMm(ruler, this.state.spacing).toFixed(1) : "",
      probe: this.state.ready ? probeText(this.state) : "",
      heights: String(pointCount(bodiesShown(heights, heightTask))),
      probability: this.#exact ? String(this.#answer.probability) : "",
      patientProbability: patient ? String(patient.probability) : "",
      predictions: String(answers.size),
      predicting: String(busy),
      arrows: this.#shown ? String(this.#shown.arrows.length) : "",
      cam: mode === "locked" ? "locked" : mode === "live" && cam.shown ? "on" : "off",
      camTarget: this.#mapped?.target ?? "",
    });
  }
}

function sizeOf(canvas) {
  return { width: canvas.clientWidth, height: canvas.clientHeight };
}
