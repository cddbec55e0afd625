// Middle-drag: move the picture.

import { panBy } from "./geometry.js";

/** @type {import("./pointer.js").Tool} */
export const panTool = {
  cursor: () => "grabbing",
  begin(state, actions, point) {
    const start = state.view;
    return {
      move: (now) => actions.setView(panBy(start, now.x - point.x, now.y - point.y)),
      end() {},
    };
  },
};
