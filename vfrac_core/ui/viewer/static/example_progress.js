// How far the making of the examples is. Asked seldom, and only while it goes on.

const EVERY_MS = 4000;

/** "Making example 7 of 24 …", or nothing when there is nothing to wait for. */
export function progressWords({ made, wanted, making }) {
  return making && made < wanted ? `Making example ${made + 1} of ${wanted} …` : "";
}

/**
 * @param {{ask: () => Promise<{examples: {made: number, wanted: number, making: boolean}}>, onMade: () => void,
 *   onWords: (text: string) => void, isWanted: () => boolean, wait?: (ms: number) => Promise<void>}} host
 *   `onMade`: further examples are there; `isWanted`: whether anybody is still looking
 */
export function createExampleProgress({ ask, onMade, onWords, isWanted, wait = later }) {
  /** Follow from what the list of cases said until all is made. */
  return async function follow(progress) {
    onWords(progressWords(progress));
    while (progress.making) {
      await wait(EVERY_MS);
      if (!isWanted()) return;
      const before = progress.made;
      try {
        progress = (await ask()).examples;
      } catch { continue; } // the server is away: ask again
      onWords(progressWords(progress));
      if (progress.made > before) onMade();
    }
  };
}

const later = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
