import assert from "node:assert/strict";
import { test } from "node:test";

import { createAddress, linkTo, readPlace, withPlace } from "../../vfrac_core/ui/viewer/static/address.js";

const PAGE = "https://host.example/apps/vfrac/annotate?__theme=dark&__sign=secret#top";

/** A page with an address, and a clock that runs when told. */
function setUp({ isWanted = () => true, forbidden = false } = {}) {
  const page = { location: { href: PAGE }, history: { state: { kept: 1 } }, written: 0 };
  page.history.replaceState = (state, _, href) => {
    if (forbidden) throw new Error("SecurityError");
    assert.deepEqual(state, { kept: 1 });
    page.location.href = href;
    page.written += 1;
  };
  let due = null;
  const timers = { set: (f) => { due = f; return 1; }, clear: () => { due = null; } };
  return { page, address: createAddress({ isWanted, page, timers }), rest: () => due?.() };
}

test("a link leads to its case and slice; slices are counted from 0", () => {
  assert.deepEqual(readPlace("?case=a1B-_&slice=0"), { caseId: "a1B-_", slice: 0 });
  assert.deepEqual(readPlace("?__theme=dark&case=k&slice=12"), { caseId: "k", slice: 12 });
  assert.deepEqual(readPlace("?case=k"), { caseId: "k", slice: null });
});

test("what is no id is no place, what is no slice is left aside", () => {
  for (const search of ["", "?slice=3", "?case=", "?case=../x", "?case=%3Cb%3E", `?case=${"x".repeat(41)}`]) assert.equal(readPlace(search), null, search);
  for (const slice of ["-1", "1.5", "x", "1e3", "123456", ""]) assert.deepEqual(readPlace(`?case=k&slice=${slice}`), { caseId: "k", slice: null });
});

test("nothing but case and slice stands in a link; a path prefix stays", () => {
  assert.equal(linkTo(PAGE, { caseId: "k1", slice: 0 }), "https://host.example/apps/vfrac/annotate?case=k1&slice=0");
});

test("a link is read as it was made", () => {
  const place = { caseId: "9d2b3a", slice: 29 };
  assert.deepEqual(readPlace(new URL(linkTo(PAGE, place)).search), place);
});

test("the page's own address keeps its other parameters", () => {
  assert.equal(withPlace("http://h/?__theme=dark&case=old&slice=3", { caseId: "new", slice: null }), "http://h/?__theme=dark&case=new");
});

test("another case is written at once, another slice when the scrolling rests, and what is there not again", () => {
  const { page, address, rest } = setUp();
  address.follow({ caseId: "k1", slice: 4 });
  assert.match(page.location.href, /case=k1&slice=4/);
  for (const slice of [5, 6, 7]) address.follow({ caseId: "k1", slice });
  assert.equal(page.written, 1);
  rest();
  assert.match(page.location.href, /slice=7/);
  address.follow({ caseId: "k1", slice: 7 });
  rest();
  assert.equal(page.written, 2);
});

test("scrolled back before it rested, the address stays", () => {
  const { page, address, rest } = setUp();
  address.follow({ caseId: "k1", slice: 4 });
  address.follow({ caseId: "k1", slice: 5 });
  address.follow({ caseId: "k1", slice: 4 });
  rest();
  assert.equal(page.written, 1);
});

test("a frame that forbids it stops nothing, and a page that was left is not written to", () => {
  const closed = setUp({ forbidden: true });
  closed.address.follow({ caseId: "k1", slice: 4 });
  assert.equal(closed.page.location.href, PAGE);
  const left = setUp({ isWanted: () => false });
  left.address.follow({ caseId: "k1", slice: 4 });
  assert.equal(left.page.written, 0);
});
