import assert from "node:assert/strict";
import { test } from "node:test";

import { createOtherTabs } from "../../vfrac_core/ui/viewer/static/other_tabs.js";

/** A channel as the browser's: everybody hears but the one who speaks. */
function fakeChannel() {
  const all = [];
  return class {
    constructor() { all.push(this); this.hear = () => {}; }
    addEventListener(_, hear) { this.hear = hear; }
    postMessage(data) { all.filter((one) => one !== this).forEach((one) => one.hear({ data })); }
  };
}

function tab(Channel, owner = "a") {
  const heard = [];
  const others = createOtherTabs(owner, { onBeside: () => heard.push("beside"), onSaved: () => heard.push("saved") }, Channel);
  return { heard, ...others };
}

test("two tabs on one case both hear of it, and one hears what the other has saved", () => {
  const Channel = fakeChannel();
  const [first, second] = [tab(Channel), tab(Channel)];
  first.opened("c1");
  assert.deepEqual(first.heard, []);
  second.opened("c1");
  assert.deepEqual(second.heard, ["beside"]);
  assert.ok(first.heard.includes("beside"));
  second.saved("c1");
  assert.equal(first.heard.at(-1), "saved");
  assert.ok(!second.heard.includes("saved"));
});

test("another case and another reader are no business of a tab", () => {
  const Channel = fakeChannel();
  const [first, other, stranger] = [tab(Channel), tab(Channel), tab(Channel, "b")];
  first.opened("c1");
  other.opened("c2");
  stranger.opened("c1");
  other.saved("c2");
  stranger.saved("c1");
  assert.deepEqual([first.heard, other.heard, stranger.heard], [[], [], []]);
});

test("without the browser's channel a tab is alone", () => {
  const alone = createOtherTabs("a", { onBeside: assert.fail, onSaved: assert.fail }, null);
  alone.opened("c1");
  alone.saved("c1");
});
