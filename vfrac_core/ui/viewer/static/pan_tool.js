// Middle-drag: move the picture.

import { panBy } from "./geometry.js";

/** @type {import("./pointer.js").Tool} */
export const panTool = {
  cursor: () => "grabbing",
  begin(desk, point) {
    const start = desk.view;
    return {
      move: (now) => desk.setView(panBy(start, now.x - point.x, now.y - point.y)),
      end() {},
    };
  },
};
