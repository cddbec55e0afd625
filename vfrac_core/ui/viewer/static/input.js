// What the reader's hands do on picture and strip: mouse, fingers and keys, each handed to the tool or action that it stands
// for at this moment.

import { boxTool } from "./box_tool.js";
import { heightTool } from "./height_tool.js";
import { combination } from "./keymap.js";
import { panTool } from "./pan_tool.js";
import { listenToPointer } from "./pointer.js";
import { rulerTool } from "./ruler.js";
import { scrollTool } from "./scroll_tool.js";
import { listenToStrip } from "./strip_pointer.js";
import { listenToTouch } from "./touch.js";
import { windowTool } from "./window_tool.js";
import { zoomTool } from "./zoom_tool.js";

const DRAGS = { "window-tool": windowTool, "pan-tool": panTool, "zoom-tool": zoomTool, "scroll-drag": scrollTool };

/**
 * @param {{picture: HTMLCanvasElement, strip: HTMLCanvasElement}} parts
 * @param {import("./case_state.js").CaseState} state
 * @param {import("./actions.js").Actions} actions
 * @param {{keys: import("./keys.js").Keys, actionOf: (event: KeyboardEvent) => string|null, perform: (id: string) => void,
 *          onLongPress: () => void}} host
 * @param {AbortSignal} signal  ends all listening
 */
export function listenToHands({ picture, strip }, state, actions, host, signal) {
  const tool = () => leftTool(state);
  listenToPointer(picture, state, actions, (button) => toolOf(button, host.keys, tool), signal);
  listenToTouch(picture, state, actions, { tool, box: boxTool, onLongPress: host.onLongPress }, signal);
  listenToStrip(strip, state, actions, signal);
  picture.addEventListener("keydown", (event) => pressed(event, host), { signal });
}

function leftTool({ tool, measures, drawsBox }) {
  if (tool === "ruler-tool") return rulerTool;
  if (measures) return heightTool;
  return drawsBox ? boxTool : scrollTool;
}

/** @param {number} button  0 left, 1 middle, 2 right */
function toolOf(button, keys, tool) {
  const chosen = keys.mouse.find((one) => one.button === button)?.tool;
  return chosen === "left-tool" ? tool() : DRAGS[chosen];
}

/** Nearly every key is taken: one that falls through would scroll the page. */
function pressed(event, { actionOf, perform }) {
  if (event.code === "Tab") return;
  event.stopPropagation();
  const id = actionOf(event);
  const browsers = /^(F\d+$|Ctrl|Alt)/.test(combination(event));
  if (id || !browsers) event.preventDefault();
  if (id) perform(id);
}
