import assert from "node:assert/strict";
import { test } from "node:test";

import { createExampleProgress, progressWords } from "../../vfrac_core/ui/viewer/static/example_progress.js";

const making = (made) => ({ made, wanted: 3, making: true });
const done = { made: 3, wanted: 3, making: false };

function setUp(answers, { wanted = () => true } = {}) {
  const words = [], told = { made: 0, asked: 0, waited: 0 };
  const follow = createExampleProgress({
    ask: async () => {
      told.asked += 1;
      const answer = answers.shift();
      if (!answer) throw new Error("away");
      return { examples: answer };
    },
    onMade: () => { told.made += 1; },
    onWords: (text) => words.push(text),
    isWanted: wanted,
    wait: async () => { told.waited += 1; },
  });
  return { follow, words, told };
}

test("the words count from 1 and end when all are made", () => {
  assert.equal(progressWords(making(0)), "Making example 1 of 3 …");
  assert.equal(progressWords({ made: 3, wanted: 3, making: true }), "");
  assert.equal(progressWords({ made: 1, wanted: 3, making: false }), "");
});

test("it is asked as long as examples are made, and told of each new one", async () => {
  const { follow, words, told } = setUp([making(1), making(2), making(2), done]);
  await follow(making(1));
  assert.deepEqual(words, ["Making example 2 of 3 …", "Making example 2 of 3 …", "Making example 3 of 3 …", "Making example 3 of 3 …", ""]);
  assert.deepEqual(told, { made: 2, asked: 4, waited: 4 });
});

test("nothing is asked where nothing is made", async () => {
  const { follow, told } = setUp([]);
  await follow(done);
  assert.equal(told.asked, 0);
});

test("a server that is away is asked again", async () => {
  const { follow, told } = setUp([null, null, done]);
  await follow(making(2));
  assert.deepEqual(told, { made: 1, asked: 3, waited: 3 });
});

test("a page that is gone asks no more", async () => {
  const { follow, told } = setUp([making(1)], { wanted: () => false });
  await follow(making(1));
  assert.equal(told.asked, 0);
});
