import assert from "node:assert/strict";
import { test } from "node:test";

import { createTabs } from "../../vfrac_core/ui/viewer/static/tabs.js";

/** The part of the Web Locks API that is used: an exclusive lock is alone, shared ones go together. */
function fakeLocks() {
  const held = new Map();
  return {
    async request(name, ...rest) {
      const work = rest.pop();
      const mode = rest[0]?.mode ?? "exclusive";
      if (held.has(name) && (mode === "exclusive" || held.get(name) === "exclusive")) return work(null);
      held.set(name, mode);
      await Promise.resolve();
      try { return await work({ name }); } finally { held.delete(name); }
    },
  };
}

test("a tab that holds its name is open, one that does not is closed; asking twice at once changes nothing", async () => {
  const locks = fakeLocks();
  createTabs(locks).hold("a");
  const other = createTabs(locks);
  assert.deepEqual(await Promise.all(["a", "b", "b"].map(other.isOpen)), [true, false, false]);
  assert.deepEqual([await other.isOpen("a"), await other.isOpen("b")], [true, false]);
});

test("without the API, or where it is forbidden, no other tab counts as open", async () => {
  const forbidden = { request: async () => { throw new Error("SecurityError"); } };
  for (const locks of [null, forbidden]) {
    createTabs(locks).hold("a");
    assert.equal(await createTabs(locks).isOpen("a"), false);
  }
});
