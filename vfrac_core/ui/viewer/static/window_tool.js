// Right-drag: window width by the horizontal way, level by the vertical way.

import { draggedWindow } from "./window_level.js";

/** @type {import("./pointer.js").Tool} */
export const windowTool = {
  cursor: () => "crosshair",
  begin(desk, point) {
    const start = desk.window;
    return {
      move: (now) => desk.setWindow(draggedWindow(start, now.x - point.x, now.y - point.y)),
      end() {},
    };
  },
};
