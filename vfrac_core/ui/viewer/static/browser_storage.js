/**
 * localStorage, or one that lasts as long as the page where the browser forbids it (a Space's iframe, for example).
 * @returns {Storage & {isFleeting?: boolean}}
 */
export function browserStorage() {
  try {
    return window.localStorage;
  } catch {
    const items = new Map();
    return {
      isFleeting: true,
      getItem: (key) => items.get(key) ?? null,
      setItem: (key, text) => items.set(key, text),
      removeItem: (key) => items.delete(key),
      key: (i) => [...items.keys()][i],
      get length() { return items.size; },
    };
  }
}
