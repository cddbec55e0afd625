import assert from "node:assert/strict";
import { test } from "node:test";

import { createConnection, isUnreachable } from "../../vfrac_core/ui/viewer/static/connection.js";

globalThis.document ??= { createElement: () => ({ setAttribute() {}, append() {}, hidden: true, textContent: "" }) };

/** A server that is there or not, and a clock that runs when told. */
function setUp() {
  const page = new EventTarget();
  const server = { there: true, asked: 0 };
  const wake = [];
  const connection = createConnection({
    text: "Offline.", page, isWanted: () => true,
    probe: async () => {
      server.asked += 1;
      connection.heard(server.there);
      if (!server.there) throw new Error("away");
    },
    wait: () => new Promise((resolve) => wake.push(resolve)),
  });
  connection.banner.hidden = true;
  const pass = async () => { wake.splice(0).forEach((go) => go()); await new Promise(setImmediate); };
  return { page, server, pass, banner: connection.banner, heard: connection.heard };
}

test("offline is told at once, before anything is saved, and until the server answers", async () => {
  const { page, server, pass, banner } = setUp();
  server.there = false;
  page.dispatchEvent(new Event("offline"));
  assert.deepEqual([banner.hidden, banner.textContent], [false, "Offline."]);
  await pass();
  page.dispatchEvent(new Event("online"));
  await pass();
  assert.equal(banner.hidden, false, "a cable is no server");
  server.there = true;
  await pass();
  assert.deepEqual([banner.hidden, banner.textContent], [true, ""]);
});

test("a server on this machine needs no cable", async () => {
  const { page, pass, banner } = setUp();
  page.dispatchEvent(new Event("offline"));
  await pass();
  assert.equal(banner.hidden, true);
});

test("a request without an answer tells it too, any answer takes it away, and then nobody asks any more", async () => {
  const { server, pass, banner, heard } = setUp();
  heard(false);
  heard(false);
  assert.equal(banner.hidden, false);
  heard(true);
  assert.equal(banner.hidden, true);
  await pass();
  await pass();
  assert.equal(server.asked, 0);
});

test("a refusal is an answer; a proxy that reaches nobody is none", () => {
  assert.deepEqual([undefined, 502, 504].map((status) => isUnreachable({ status })), [true, true, true]);
  assert.deepEqual([400, 409, 500, 503].map((status) => isUnreachable({ status })), [false, false, false, false]);
});
