// The case's pixels: fetched once, in chunks of eight slices, the chunk nearest to the shown slice first.

import { inTime } from "./deadline.js";
import { fetchWithTicket, refusal } from "./ticket.js";

const AT_ONCE = 3;

export class Volume {
  /** @param {[number, number, number]} shape  slices, rows, columns */
  constructor([slices, rows, columns], chunkSlices) {
    Object.assign(this, { slices, rows, columns, chunkSlices });
    /** @type {(Int16Array|null)[]} */
    this.chunks = Array(Math.ceil(slices / chunkSlices)).fill(null);
    this.views = new Map(); // slice → its part of a chunk
    this.least = Infinity;
    this.most = -Infinity;
  }

  /** Chunks that have arrived. */
  get loaded() {
    return this.chunks.filter(Boolean).length;
  }

  get complete() {
    return this.loaded === this.chunks.length;
  }

  has(slice) {
    return this.chunks[Math.floor(slice / this.chunkSlices)] !== null;
  }

  /** HU of one slice, row by row, or null while it has not arrived. No copy, and the same array each time: by that the
   *  picture knows that it need not go through half a million pixels again. */
  slice(index) {
    const chunk = this.chunks[Math.floor(index / this.chunkSlices)];
    if (!chunk) return null;
    const size = this.rows * this.columns;
    const start = (index % this.chunkSlices) * size;
    if (!this.views.has(index)) this.views.set(index, chunk.subarray(start, start + size));
    return this.views.get(index);
  }

  /** Take one chunk's bytes (int16, little endian, as every browser's memory is). */
  put(index, buffer) {
    const slices = Math.min(this.chunkSlices, this.slices - index * this.chunkSlices);
    if (buffer.byteLength !== slices * this.rows * this.columns * 2) throw new Error(`part ${index + 1} of the images has the wrong size`);
    const hu = new Int16Array(buffer);
    for (let i = 0; i < hu.length; i += 1) {
      if (hu[i] < this.least) this.least = hu[i];
      if (hu[i] > this.most) this.most = hu[i];
    }
    this.chunks[index] = hu;
  }
}

/**
 * Fill a volume, at most three requests at a time. Each next chunk is the one nearest to what is shown at that moment.
 * @param {Volume} volume
 * @param {{url: (chunk: number) => string, ticket: import("./ticket.js").Ticket, shown: () => number, signal: AbortSignal,
 *          onProgress: (volume: Volume) => void}} options
 */
export async function loadVolume(volume, { url, ticket, shown, signal, onProgress }) {
  const missing = volume.chunks.map((_, index) => index).filter((index) => volume.chunks[index] === null);
  const worker = async () => {
    while (missing.length && !signal.aborted) {
      const [index] = missing.splice(nearest(missing, shown() / volume.chunkSlices), 1);
      volume.put(index, await fetchChunk(url(index), ticket, signal));
      onProgress(volume);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

/** Position in `chunks` of the one whose middle lies nearest to `focus` (in chunks, a fraction). */
export function nearest(chunks, focus) {
  const distance = (chunk) => Math.abs(chunk + 0.5 - focus);
  return chunks.reduce((best, chunk, i) => (distance(chunk) < distance(chunks[best]) ? i : best), 0);
}

function fetchChunk(url, ticket, caller) {
  return inTime(caller, async (signal) => {
    const response = await fetchWithTicket(url, { signal }, ticket);
    if (!response.ok) throw new Error(await refusal(response));
    return response.arrayBuffer();
  });
}
