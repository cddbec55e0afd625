import assert from "node:assert/strict";
import { test } from "node:test";

import { createOrderProgress, ORDERS, orderWords, USUAL } from "../../vfrac_core/ui/viewer/static/worklist_order.js";

test("every order but the usual one says what it does and that it is noted", () => {
  for (const { id } of ORDERS) {
    const words = orderWords({ name: id, waiting: 0, remark: "" });
    assert.equal(/Noted with your readings\./.test(words), id !== USUAL);
    assert.doesNotMatch(words, /\d/); // no probability
  }
  assert.equal(orderWords(undefined), "");
});

test("what is missing is told", () => {
  assert.match(orderWords({ name: "least_sure", waiting: 7, remark: "" }), /still looks at 7 of them\.$/);
  assert.match(orderWords({ name: "least_sure", waiting: 0, remark: "The network is untrained." }), /The network is untrained\.$/);
});

test("the list is asked for again while the network is not done, by one timer, and not after the page is gone", () => {
  const timers = [];
  let asked = 0, wanted = true;
  const follow = createOrderProgress({ ask: () => { asked += 1; }, isWanted: () => wanted, later: (task) => timers.push(task) });
  follow({ waiting: 0 });
  follow(undefined);
  assert.equal(timers.length, 0);
  follow({ waiting: 2 });
  follow({ waiting: 2 });
  assert.equal(timers.length, 1);
  timers[0]();
  follow({ waiting: 1 });
  wanted = false;
  timers[1]();
  assert.equal(asked, 1);
});
