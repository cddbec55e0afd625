// The panel "side by side": the network's input with both maps on one scale, its three channels, and the nearby boxes.

import { heatGradient, mapPixels } from "./cam.js";
import { highestOf, TARGETS } from "./compare_session.js";
import { INPUT_SIZE, thumbnailPixels } from "./crop.js";
import { element } from "./elements.js";
import { createStabilityPanel } from "./stability_panel.js";

const MIDDLE = 1;

/** @param {{close: () => void, native: (on: boolean) => void, run: () => void, stop: () => void}} on */
export function createComparePanel(on) {
  const title = element("h3", {});
  const problem = element("p", { role: "status", "data-role": "compare-problem" });
  const pictures = TARGETS.map((target) => figure({ "data-target": target }));
  const channels = [0, 1, 2].map((channel) => figure({ "data-channel": channel }));
  const most = element("span", { "data-role": "compare-most" });
  const native = element("input", { type: "checkbox", "data-role": "compare-native", onchange: () => on.native(native.checked) });
  const legend = element("div", { class: "ctv-legend", role: "img" });
  legend.style.setProperty("--ctv-heat", heatGradient());
  const stability = createStabilityPanel(on);
  const overlay = document.createElement("canvas");
  const root = element("section", { class: "ctv-compare", "aria-label": "Side by side", hidden: true },
    element("div", { class: "ctv-row ctv-between" }, title, element("button", { type: "button", class: "ctv-button", onclick: on.close }, "Close (W)")),
    problem,
    element("div", { class: "ctv-both" },
      element("div", { class: "ctv-pair" }, ...pictures.map((one) => one.root)),
      element("div", { class: "ctv-row ctv-scale" }, "0", legend, most, element("label", {}, native, " native grid")),
      element("div", { class: "ctv-channels" }, element("h4", {}, `Network input ${INPUT_SIZE} × ${INPUT_SIZE} × 3`), ...channels.map((one) => one.root))),
    stability.root);

  /**
   * @param {{title: string, problem: string, input: Float32Array|null, channels: string[], cam: {opacity: number, native: boolean},
   *          pair: import("./compare_session.js").Pair|null, stability: import("./stability_session.js").StabilitySession}} view
   */
  function show(view) {
    const { input, pair, cam } = view;
    title.textContent = view.title;
    if (problem.textContent !== view.problem) problem.textContent = view.problem;
    native.checked = cam.native;
    most.textContent = pair ? `${number(pair.most)} (highest of both)` : "–";
    legend.setAttribute("aria-label", `Colour scale of both maps: from 0 to ${most.textContent}`);
    channels.forEach((one, channel) => { drawChannel(one.canvas, input, channel); one.caption.textContent = view.channels[channel]; });
    pictures.forEach((one, i) => {
      drawChannel(one.canvas, input, MIDDLE);
      if (input && pair) drawMap(one.canvas, pair, TARGETS[i], cam);
      one.caption.textContent = pair ? captionOf(pair, TARGETS[i]) : TARGETS[i];
    });
    stability.show(view.stability, Boolean(input));
  }

  /** The same value has the same colour and the same strength in both: no fading by p here, the scale is what compares. */
  function drawMap(canvas, { grids, most: highest }, target, cam) {
    const { width, height, data } = mapPixels(grids[target], { most: highest, strength: cam.opacity, smooth: !cam.native });
    Object.assign(overlay, { width, height });
    overlay.getContext("2d").putImageData(new ImageData(data, width, height), 0, 0);
    const context = canvas.getContext("2d");
    context.imageSmoothingEnabled = !cam.native;
    context.drawImage(overlay, 0, 0, INPUT_SIZE, INPUT_SIZE);
  }

  return { root, show };
}

function figure(attributes) {
  const canvas = element("canvas", { width: INPUT_SIZE, height: INPUT_SIZE, ...attributes });
  const caption = element("figcaption");
  return { canvas, caption, root: element("figure", {}, canvas, caption) };
}

function drawChannel(canvas, input, channel) {
  const context = canvas.getContext("2d");
  context.clearRect(0, 0, INPUT_SIZE, INPUT_SIZE);
  if (input) context.putImageData(new ImageData(thumbnailPixels(input, channel), INPUT_SIZE), 0, 0);
}

function captionOf({ probability, grids }, target) {
  const share = target === "benign" ? 1 - probability : probability;
  return `${target} ${share.toFixed(2)} · max ${number(highestOf(grids[target]))}`;
}

/** Two digits are enough for a scale that is in no unit. */
const number = (value) => (value === 0 ? "0" : Number(value.toPrecision(2)).toString());
