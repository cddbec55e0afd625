import assert from "node:assert/strict";
import { afterEach, test } from "node:test";

import { inTime } from "../../vfrac_core/ui/viewer/static/deadline.js";

const any = AbortSignal.any;
afterEach(() => { AbortSignal.any = any; });

/** A request that is never answered; the event loop is kept awake for it. */
const silent = (signal) => new Promise((_, reject) => {
  const awake = setInterval(() => {}, 1000);
  const end = () => { clearInterval(awake); reject(signal.reason); };
  if (signal.aborted) end();
  signal.addEventListener("abort", end);
});

for (const [browser, has] of [["a browser of today", any], ["a browser without AbortSignal.any", undefined]]) {
  test(`${browser}: a request that is never answered is an error with a sentence`, async () => {
    AbortSignal.any = has;
    await assert.rejects(inTime(new AbortController().signal, silent, 10), /did not answer within 1 s/);
  });

  test(`${browser}: calling it off, before or later, is an AbortError and no lateness`, async () => {
    AbortSignal.any = has;
    const caller = new AbortController();
    const asked = inTime(caller.signal, silent);
    caller.abort();
    await assert.rejects(asked, { name: "AbortError" });
    await assert.rejects(inTime(caller.signal, silent), { name: "AbortError" });
  });
}

test("an answer in time is passed on", async () => {
  assert.equal(await inTime(new AbortController().signal, async () => 7), 7);
});
