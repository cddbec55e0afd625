// Scrolling through the slices: by the wheel, and by left-drag in scroll mode. Down is towards the patient's left.

import { clamp } from "./geometry.js";

const NOTCH_PX = 110; // browsers send 100 or 120 for one notch, and several notches in one event
const LINE_PX = 40;
const SLICE_PX = { least: 4, most: 24 };

/** @type {import("./pointer.js").Tool} */
export const scrollTool = {
  cursor: () => "ns-resize",
  begin(state, actions, point) {
    const start = state.slice;
    const step = clamp(state.size.height / state.slices, SLICE_PX.least, SLICE_PX.most);
    return {
      move: (now) => actions.showSlice(start + Math.round((now.y - point.y) / step)),
      end() {},
    };
  },
};

/** Turns wheel events into whole slices: one notch is one slice; the small steps of a touch pad add up. */
export function createWheel() {
  let rest = 0;
  return (event) => {
    const delta = event.deltaMode === 0 ? event.deltaY : event.deltaY * LINE_PX;
    if (Math.abs(delta) >= NOTCH_PX / 2) {
      rest = 0;
      return Math.sign(delta) * Math.max(1, Math.round(Math.abs(delta) / NOTCH_PX));
    }
    rest += delta;
    const steps = Math.trunc(rest / (NOTCH_PX / 2));
    rest -= steps * (NOTCH_PX / 2);
    return steps;
  };
}
