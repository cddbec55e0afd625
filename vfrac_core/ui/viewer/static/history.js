// Undo and redo over values that are replaced, never changed: readings in Annotate, box and marks in Explore.

const MOST = 200;

/**
 * @template Value
 * @param {(a: Value, b: Value) => boolean} same   a change that changes nothing is no step
 * @param {(before: Value, after: Value) => string|null} [runOf]  a name for changes that belong together (typing a comment):
 *   neighbours with the same name are one step
 */
export function createHistory(same, runOf = () => null) {
  let past = [];
  let future = [];
  let run = null;

  return {
    /** Another case: nothing of the one before can come back. */
    clear() {
      past = [];
      future = [];
      run = null;
    },
    /** The reader changed `before` to `after`. */
    note(before, after) {
      if (same(before, after)) return;
      const name = runOf(before, after);
      if (name === null || name !== run) past = [...past, before].slice(-MOST);
      run = name;
      future = [];
    },
    /** The value before the last step, or null at the start. */
    undo(current) {
      if (!past.length) return null;
      future = [current, ...future];
      run = null;
      return past.pop();
    },
    /** The value that the last undo took away, or null. */
    redo(current) {
      if (!future.length) return null;
      past = [...past, current];
      run = null;
      return future.shift();
    },
    get canUndo() { return past.length > 0; },
    get canRedo() { return future.length > 0; },
  };
}
