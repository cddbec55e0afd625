// Seeded random numbers for tests that try many cases: the same cases in every run.

/** @returns {() => number}  uniform in [0, 1): Mulberry32 */
export function seeded(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Run `claim` with several hundred seeds and a helper for ranges; a failure names the seed. */
export function forMany(claim, runs = 300) {
  for (let seed = 1; seed <= runs; seed += 1) {
    const random = seeded(seed);
    const between = (least, most) => least + random() * (most - least);
    const whole = (least, most) => Math.floor(between(least, most + 1));
    try {
      claim({ between, whole });
    } catch (error) {
      error.message = `seed ${seed}: ${error.message}`;
      throw error;
    }
  }
}
