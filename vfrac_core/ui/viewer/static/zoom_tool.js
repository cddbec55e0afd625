// Drag to zoom: up is nearer. What lay under the pointer at the start stays there.

import { zoomAt } from "./geometry.js";

const PER_PX = 0.008;

/** @type {import("./pointer.js").Tool} */
export const zoomTool = {
  cursor: () => "zoom-in",
  begin(state, actions, point) {
    const start = state.view;
    return {
      move: (now) => actions.setView(zoomAt(start, point, Math.exp((point.y - now.y) * PER_PX), state.fitted)),
      end() {},
    };
  },
};
