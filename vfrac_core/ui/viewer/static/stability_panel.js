// The nearby boxes' answers as three small maps, one a size, with a shape in each cell so that colour is not all there is.

import { heat, heatGradient } from "./cam.js";
import { element } from "./elements.js";
import { isDrawn, isMalignant, placeText, SHIFTS_MM, SIZES, summaryText } from "./stability.js";

const SIDE = SHIFTS_MM.length;
const STEPS = { ArrowUp: -SIDE, ArrowDown: SIDE, ArrowLeft: -1, ArrowRight: 1 };

/** @param {{run: () => void, stop: () => void}} on */
export function createStabilityPanel(on) {
  const run = element("button", { type: "button", class: "ctv-button", "data-role": "stability-run", onclick: on.run }, "How stable is this answer?");
  const stop = element("button", { type: "button", class: "ctv-button", "data-role": "stability-stop", onclick: on.stop }, "Stop");
  const progress = element("progress", { class: "ctv-progress", "aria-label": "Nearby boxes answered" });
  const count = element("span", { "data-role": "stability-count" });
  const summary = element("p", { class: "ctv-summary", role: "status", "data-role": "stability-summary" });
  const place = element("p", { class: "ctv-place" });
  const maps = SIZES.map((size) => createMap(size, (text) => { place.textContent = text; }));
  const legend = element("div", { class: "ctv-legend", role: "img", "aria-label": "Colour scale: malignant probability from 0 to 1" });
  legend.style.setProperty("--ctv-heat", heatGradient({ opaque: true }));
  const drawing = element("div", { class: "ctv-nearby" },
    element("div", { class: "ctv-maps" }, ...maps.map(({ root }) => root)), place,
    element("div", { class: "ctv-row ctv-scale" }, "0", legend, "1", element("span", {}, "+ 0.5 and above, − below")));
  const root = element("div", { class: "ctv-stability" },
    element("div", { class: "ctv-row" }, run, stop, progress, count), summary, drawing);

  /** @param {import("./stability_session.js").StabilitySession} session @param {boolean} possible */
  function show(session, possible) {
    const running = session.state === "running";
    const { done, all } = session.progress;
    run.hidden = running;
    run.disabled = !possible;
    stop.hidden = progress.hidden = count.hidden = !running;
    progress.max = Math.max(1, all);
    progress.value = done;
    setText(count, `${done} of ${all}`);
    setText(summary, wordsOf(session));
    drawing.hidden = !session.boxes.length;
    if (drawing.hidden) setText(place, HINT);
    maps.forEach((map, i) => map.show(session, i * SIDE * SIDE));
  }

  return { root, show };
}

const HINT = "Point at a square, or use the arrow keys in a map: its number stands here.";

function wordsOf({ state, summary, progress, problem }) {
  if (summary) return summaryText(summary);
  if (state === "stopped") return `Stopped at ${progress.done} of ${progress.all}; no range.`;
  if (state === "failed") return `Not finished: ${problem}.`;
  return "The slice is asked again with the box moved by up to 4 mm and resized: 75 answers.";
}

/** 5 × 5 squares of one size; one stop for the Tab key, then the arrows. */
function createMap(size, tell) {
  const cells = Array.from({ length: SIDE * SIDE }, (_, i) => element("span", { role: "gridcell", tabindex: i === (SIDE * SIDE - 1) / 2 ? 0 : -1 }));
  const rows = SHIFTS_MM.map((_, row) => element("div", { role: "row" }, ...cells.slice(row * SIDE, (row + 1) * SIDE)));
  const tellOf = ({ target }) => { if (cells.includes(target)) tell(target.getAttribute("aria-label")); };
  const grid = element("div", { role: "grid", class: "ctv-map", "aria-label": `Box × ${size}`, onpointerover: tellOf, onfocusin: tellOf, onkeydown: step }, ...rows);

  function step(event) {
    const way = STEPS[event.code];
    const from = cells.indexOf(event.target);
    if (!way || from < 0) return;
    event.preventDefault(); // the arrows belong to the slices elsewhere
    event.stopPropagation();
    const inRow = Math.abs(way) === 1 && Math.floor(from / SIDE) !== Math.floor((from + way) / SIDE);
    const to = cells[from + way];
    if (!to || inRow) return;
    event.target.tabIndex = -1;
    to.tabIndex = 0;
    to.focus({ preventScroll: true });
  }

  function show({ boxes, probabilities }, first) {
    cells.forEach((cell, i) => { if (boxes[first + i]) showCell(cell, boxes[first + i], probabilities[first + i]); });
  }

  return { root: element("figure", {}, grid, element("figcaption", {}, size === 1 ? "as drawn" : `box × ${size}`)), show };
}

function showCell(cell, box, probability) {
  const number = probability ?? null;
  const colour = number === null ? null : heat(number);
  Object.assign(cell.dataset, { size: box.size, down: box.down, right: box.right, probability: number ?? "" });
  cell.toggleAttribute("data-drawn", isDrawn(box));
  cell.style.background = colour ? `rgb(${colour.map(Math.round).join(" ")})` : "";
  setText(cell, number === null ? (box.mm ? "" : "×") : isMalignant(number) ? "+" : "−");
  cell.setAttribute("aria-label", `${capital(placeText(box))}: ${number !== null ? `malignant ${number.toFixed(2)}` : box.mm ? "not answered" : "leaves the slice, or is too small"}.`);
}

const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);

function setText(node, text) {
  if (node.textContent !== text) node.textContent = text; // else it would be read out again
}
