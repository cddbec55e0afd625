// Undo in Explore: nothing is kept there, but what was drawn can be taken back.

import { createHistory } from "./history.js";

/** @param {{reading: () => Object, setReading: (reading: Object) => void}} viewer */
export function createDrawingHistory(viewer) {
  const history = createHistory((a, b) => JSON.stringify(a) === JSON.stringify(b));
  let now = null;

  function step(take) {
    const drawing = now && take(now);
    if (drawing) viewer.setReading((now = drawing));
  }

  return {
    /** A case was opened. */
    begin() {
      history.clear();
      now = viewer.reading();
    },
    /** The reader drew. */
    note(drawing) {
      history.note(now, drawing);
      now = drawing;
    },
    undo: () => step(history.undo),
    redo: () => step(history.redo),
  };
}
