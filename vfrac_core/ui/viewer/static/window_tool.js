// Right-drag: window width by the horizontal way, level by the vertical way.

import { draggedWindow } from "./window_level.js";

/** @type {import("./pointer.js").Tool} */
export const windowTool = {
  cursor: () => "crosshair",
  begin(state, actions, point) {
    const start = state.window;
    return {
      move: (now) => actions.setWindow(draggedWindow(start, now.x - point.x, now.y - point.y)),
      end: () => actions.setWindow(state.window, { chosen: true }),
    };
  },
};
