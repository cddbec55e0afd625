// Drawing the slice: pixels through the lookup table, the map inside the square, the box, and what is written over it.

import { drawAnswer } from "./arrows.js";
import { camPixels } from "./cam.js";
import { boxFromMm, boxOnScreen, boxToMm, handlePoints, squareBox } from "./geometry.js";
import { drawHeights } from "./height_drawing.js";
import { drawMessage, drawOverlay, write } from "./overlay.js";
import { drawRulerLine } from "./ruler.js";
import { lookupTable } from "./window_level.js";

const BOX_INK = "#4fd8ff";
const SQUARE_INK = "#ffe08a";

/**
 * @typedef {Object} Scene
 * @property {Int16Array|null} hu            the shown slice, null while it has not arrived
 * @property {{rows: number, columns: number}} extent
 * @property {{row: number, column: number}} spacing
 * @property {import("./geometry.js").View} view
 * @property {{width: number, center: number}} window
 * @property {import("./geometry.js").Box|null} box
 * @property {boolean} handles               the box can be edited by dragging
 * @property {boolean} selected              the box takes the arrow keys
 * @property {boolean} ownSlice              the box was drawn on this slice
 * @property {boolean} ownBox                and is this slice's alone
 * @property {import("./ruler.js").Ruler|null} ruler   a distance measured on this slice
 * @property {import("./ai_session.js").SliceAnswer|null} answer   null: no map
 * @property {{opacity: number, native: boolean}} cam
 * @property {{arrows: Array, reference: number[]|null}|null} shown   of an example's answer, on this slice
 * @property {Object|null} measured          of the height aid, on this slice: see height_drawing.js
 * @property {Object} words                  see overlay.js
 */

export class Picture {
  #table = null;
  #tableWindow = null;
  #slice = document.createElement("canvas");
  #image = null;
  #drawn = null; // what the slice canvas holds: {hu, window}
  #map = document.createElement("canvas");

  /** @param {CanvasRenderingContext2D} ctx  scaled to CSS px
   *  @param {{width: number, height: number}} size
   *  @param {Scene} scene */
  draw(ctx, size, scene) {
    ctx.fillStyle = "#000";
    ctx.fillRect(0, 0, size.width, size.height);
    if (scene.hu) this.#drawSlice(ctx, scene);
    else drawMessage(ctx, size, scene.words.missing);
    if (scene.box && scene.hu) {
      if (scene.answer?.cam) this.#drawMap(ctx, scene);
      drawBox(ctx, scene);
    }
    if (scene.shown && scene.hu) drawAnswer(ctx, { ...scene, ...scene.shown });
    if (scene.ruler && scene.hu) drawRulerLine(ctx, scene, scene.ruler);
    if (scene.measured && scene.hu) drawHeights(ctx, { ...scene, ...scene.measured, width: size.width });
    drawOverlay(ctx, size, scene.words);
  }

  #drawSlice(ctx, scene) {
    this.#fill(scene);
    const rect = boxOnScreen(scene.view, scene.spacing, [0, 0, scene.extent.rows, scene.extent.columns]);
    ctx.imageSmoothingEnabled = true;
    ctx.drawImage(this.#slice, rect.x, rect.y, rect.width, rect.height);
  }

  /** One ImageData through the table, only when the slice or the window has changed. */
  #fill({ hu, extent, window }) {
    if (this.#tableWindow?.width !== window.width || this.#tableWindow?.center !== window.center) {
      this.#table = lookupTable(window, this.#table ?? undefined);
      this.#tableWindow = window;
    } else if (this.#drawn === hu) return;
    if (this.#slice.width !== extent.columns || this.#slice.height !== extent.rows || !this.#image) {
      Object.assign(this.#slice, { width: extent.columns, height: extent.rows });
      this.#image = new ImageData(extent.columns, extent.rows);
    }
    const pixels = new Uint32Array(this.#image.data.buffer);
    const table = this.#table;
    for (let i = 0; i < hu.length; i += 1) pixels[i] = table[hu[i] & 0xffff];
    this.#slice.getContext("2d").putImageData(this.#image, 0, 0);
    this.#drawn = hu;
  }

  /** At the square that it was computed for, and never outside of the square that is shown. */
  #drawMap(ctx, { view, spacing, extent, box, answer, cam }) {
    const { width, height, data } = camPixels(answer.cam.grid, { ...answer, opacity: cam.opacity, smooth: !cam.native });
    Object.assign(this.#map, { width, height });
    this.#map.getContext("2d").putImageData(new ImageData(data, width, height), 0, 0);
    const shown = squareOnScreen(view, spacing, extent, box);
    const own = squareOnScreen(view, spacing, extent, answer.box);
    ctx.save();
    ctx.beginPath();
    ctx.rect(shown.x, shown.y, shown.width, shown.height);
    ctx.clip();
    ctx.imageSmoothingEnabled = !cam.native;
    ctx.drawImage(this.#map, own.x, own.y, own.width, own.height);
    ctx.restore();
  }
}

function drawBox(ctx, { view, spacing, extent, box, handles, selected, ownSlice, ownBox }) {
  ctx.save();
  ctx.globalAlpha = ownSlice ? 1 : 0.6;
  outline(ctx, squareOnScreen(view, spacing, extent, box), SQUARE_INK, [6, 5]);
  const rect = boxOnScreen(view, spacing, box);
  outline(ctx, rect, BOX_INK, []);
  if (ownBox) write(ctx, "this slice only", rect.x, rect.y - 10, "left", "12px");
  if (handles) shownHandles(rect).forEach((point) => drawHandle(ctx, point, selected));
  ctx.restore();
}

function squareOnScreen(view, spacing, extent, box) {
  return boxOnScreen(view, spacing, boxFromMm(squareBox(boxToMm(box, spacing), extent, spacing), spacing));
}

/** A line with a dark rim, visible on bone and on air. */
function outline(ctx, { x, y, width, height }, colour, dashes) {
  for (const [style, line] of [["rgb(0 0 0 / 0.6)", 3.5], [colour, 1.5]]) {
    ctx.strokeStyle = style;
    ctx.lineWidth = line;
    ctx.setLineDash(dashes);
    ctx.strokeRect(x, y, width, height);
  }
  ctx.setLineDash([]);
}

/** A small box shows its corners only. */
function shownHandles(rect) {
  const roomy = Math.min(rect.width, rect.height) >= 36;
  return handlePoints(rect).filter(({ handle }) => roomy || handle.length === 2);
}

/** Filled when the box is selected, hollow when it is only within reach. */
function drawHandle(ctx, { x, y }, selected) {
  ctx.fillStyle = "#000";
  ctx.fillRect(x - 4.5, y - 4.5, 9, 9);
  ctx.fillStyle = ctx.strokeStyle = BOX_INK;
  ctx.lineWidth = 1.5;
  if (selected) ctx.fillRect(x - 3.5, y - 3.5, 7, 7);
  else ctx.strokeRect(x - 3, y - 3, 6, 6);
}
