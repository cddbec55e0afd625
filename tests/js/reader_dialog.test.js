import assert from "node:assert/strict";
import { test } from "node:test";

import { parseYears, readerToken } from "../../vfrac_core/ui/viewer/static/reader_dialog.js";

const storage = (items = {}) => ({ items, getItem: (key) => items[key] ?? null, setItem: (key, value) => { items[key] = value; } });

test("the token is 32 random bytes, made once for a browser", () => {
  const here = storage();
  const token = readerToken(here);
  assert.match(token, /^[0-9a-f]{64}$/);
  assert.equal(readerToken(here), token);
  assert.notEqual(readerToken(storage()), token);
});

test("a kept value that is no token is replaced", () => {
  assert.match(readerToken(storage({ "vfrac.reader": "Dr Who" })), /^[0-9a-f]{64}$/);
});

test("without storage there is still a token for this page", () => {
  const closed = { getItem() { throw new Error("denied"); }, setItem() { throw new Error("denied"); } };
  assert.match(readerToken(closed), /^[0-9a-f]{64}$/);
});

test("years are read as people type them, and nothing else is taken for a number", () => {
  assert.deepEqual(["2,5", "2.5", " 12 ", "0", "70", "3."].map(parseYears), [2.5, 2.5, 12, 0, 70, 3]);
  for (const wrong of ["", "two", "-1", "71", "1e1", "2,5,1", "NaN"]) assert.equal(parseYears(wrong), null, wrong);
});
