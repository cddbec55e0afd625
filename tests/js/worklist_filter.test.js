import assert from "node:assert/strict";
import { test } from "node:test";

import { filterLabels, FILTERS, firstToOpen, neighbour, nextUnread, progressText, wanted } from "../../vfrac_core/ui/viewer/static/worklist_filter.js";

const list = (...states) => states.map((state, i) => ({ case: `k${i}`, title: `Case ${i}`, state, flagged: false }));
const ids = (cases) => cases.map((one) => one.case);

test("the page opens at the draft that was left, else at the first case to do, else at the first", () => {
  assert.equal(firstToOpen(list("submitted", "todo", "draft")), "k2");
  assert.equal(firstToOpen(list("submitted", "todo", "todo")), "k1");
  assert.equal(firstToOpen(list("submitted", "submitted")), "k0");
  assert.equal(firstToOpen([]), null);
});

test("next and previous end at the ends of the list", () => {
  const cases = list("todo", "todo");
  assert.equal(neighbour(cases, "k0", 1), "k1");
  assert.equal(neighbour(cases, "k1", 1), null);
  assert.equal(neighbour(cases, "k0", -1), null);
  assert.equal(neighbour(cases, "gone", 1), null);
});

test("progress is told in words", () => {
  assert.equal(progressText(list("submitted", "draft", "todo")), "1 of 3 done, 1 in draft");
  assert.equal(progressText(list("todo")), "0 of 1 done");
});

test("each filter keeps what it names; a flagged case has a state besides", () => {
  const cases = list("todo", "draft", "submitted");
  cases[2].flagged = true;
  const kept = Object.fromEntries(FILTERS.map(({ id }) => [id, ids(wanted(cases, id, null)).join(" ")]));
  assert.deepEqual(kept, { all: "k0 k1 k2", todo: "k0", draft: "k1", submitted: "k2", flagged: "k2" });
});

test("the open case stays in the list when it no longer fits, so that next and previous go on from it", () => {
  const cases = list("todo", "submitted", "submitted", "todo");
  assert.deepEqual(ids(wanted(cases, "todo", "k1")), ["k0", "k1", "k3"]);
  assert.equal(neighbour(wanted(cases, "todo", "k1"), "k1", 1), "k3");
  assert.deepEqual(ids(wanted(cases, "todo", "k3")), ["k0", "k3"]);
});

test("a filter says in words, with a shape, how many cases it has", () => {
  const texts = filterLabels(list("todo", "todo", "submitted")).map(({ text }) => text);
  assert.deepEqual(texts, ["All (3)", "○ To do (2)", "◐ Draft (0)", "● Done (1)", "⚑ Flagged (0)"]);
});

test("the next unread case comes after the open one, from the top again at the end, and drafts come last", () => {
  assert.equal(nextUnread(list("todo", "submitted", "draft", "todo"), "k1"), "k3");
  assert.equal(nextUnread(list("todo", "submitted", "draft", "submitted"), "k1"), "k0");
  assert.equal(nextUnread(list("submitted", "submitted", "draft"), "k0"), "k2");
  assert.equal(nextUnread(list("submitted", "todo"), "k1"), null, "the open one is no next one");
  assert.equal(nextUnread(list("todo"), "gone"), "k0");
});
