import assert from "node:assert/strict";
import { afterEach, test } from "node:test";

import { fetchWithTicket, refusal, Ticket } from "../../vfrac_core/ui/viewer/static/ticket.js";
import { loadVolume, nearest, Volume } from "../../vfrac_core/ui/viewer/static/volume.js";

const realFetch = globalThis.fetch;
afterEach(() => { globalThis.fetch = realFetch; });

const SHAPE = [61, 4, 5];
const chunkOf = (index) => Int16Array.from({ length: (index === 7 ? 5 : 8) * 20 }, (_, i) => index * 1000 + i - 500);

/** A server with a ticket; remembers which chunks were asked, and how many at a time. */
function serve({ ticket = "good", status = 200 } = {}) {
  const seen = { order: [], tickets: [], together: 0, most: 0 };
  globalThis.fetch = async (url, init) => {
    seen.tickets.push(init.headers["X-Vfrac-Ticket"]);
    if (init.headers["X-Vfrac-Ticket"] !== ticket) return new Response('{"error":"expired"}', { status: 403 });
    seen.order.push(Number(url));
    seen.together += 1;
    seen.most = Math.max(seen.most, seen.together);
    await new Promise((done) => setTimeout(done, 1));
    seen.together -= 1;
    return new Response(status === 200 ? chunkOf(Number(url)).buffer : '{"error":"the disk is full"}', { status });
  };
  return seen;
}

const load = (volume, options = {}) => loadVolume(volume, {
  url: String, ticket: new Ticket("good", async () => {}), shown: () => 30, signal: new AbortController().signal, onProgress() {}, ...options,
});

test("the shown chunk comes first, then outwards, at most three requests at a time", async () => {
  const seen = serve();
  const volume = new Volume(SHAPE, 8);
  await load(volume);
  assert.deepEqual(seen.order.slice(0, 3).sort(), [2, 3, 4]);
  assert.equal(seen.order[0], 3);
  assert.deepEqual([...seen.order].sort((a, b) => a - b), [0, 1, 2, 3, 4, 5, 6, 7]);
  assert.ok(seen.most <= 3);
});

test("a reader who scrolls away while it loads gets those slices next", () => {
  assert.equal(nearest([0, 1, 5, 7], 6.9), 3);
  assert.equal(nearest([0, 1, 5, 7], 0), 0);
});

test("slices are views of the right pixels, and the range is known", async () => {
  serve();
  const volume = new Volume(SHAPE, 8);
  assert.equal(volume.slice(30), null);
  assert.ok(!volume.has(30));
  await load(volume);
  assert.equal(volume.slice(30)[0], 3000 + 6 * 20 - 500);
  assert.equal(volume.slice(60).length, 20);
  assert.equal(volume.slice(30), volume.slice(30)); // the same array: what is painted is not painted again
  assert.deepEqual([volume.least, volume.most], [-500, 7000 + 99 - 500]);
});

test("a chunk of the wrong size is refused", () => {
  assert.throws(() => new Volume(SHAPE, 8).put(0, new ArrayBuffer(10)), /wrong size/);
});

test("a failure tells the server's own sentence, and loading goes on where it stopped", async () => {
  serve({ status: 500 });
  const volume = new Volume(SHAPE, 8);
  await assert.rejects(load(volume), /the disk is full/);
  serve();
  volume.put(3, chunkOf(3).buffer);
  const seen = serve();
  await load(volume);
  assert.ok(!seen.order.includes(3) && volume.loaded === 8);
});

test("an expired ticket is renewed once for all who wait, and the requests are tried again", async () => {
  const seen = serve();
  let asked = 0;
  const ticket = new Ticket("old", async () => { asked += 1; ticket.value = "good"; });
  const volume = new Volume(SHAPE, 8);
  await load(volume, { ticket });
  assert.deepEqual([asked, volume.loaded], [1, 8]);
  assert.equal(seen.tickets.filter((one) => one === "old").length, 3);
});

test("a second 403 is an answer, not a reason to ask for ever", async () => {
  const seen = serve();
  const response = await fetchWithTicket("0", {}, new Ticket("bad", async () => {}));
  assert.deepEqual([response.status, seen.tickets.length], [403, 2]);
  assert.equal(await refusal(response), "expired");
});

test("a host that cannot renew says why", async () => {
  serve();
  const ticket = new Ticket("bad", async () => { throw new Error("the server does not answer"); });
  await assert.rejects(fetchWithTicket("0", {}, ticket), /does not answer/);
});

test("an answer without a sentence is told by its number", async () => {
  assert.equal(await refusal(new Response("<html>", { status: 502 })), "the server answered 502");
});
