/** Like localStorage; it outlives what uses it, as a browser's outlives a tab. */
export function fakeStorage(kept = {}) {
  const items = new Map(Object.entries(kept));
  return {
    getItem: (key) => items.get(key) ?? null,
    setItem: (key, text) => { items.set(key, text); },
    removeItem: (key) => { items.delete(key); },
    key: (i) => [...items.keys()][i],
    get length() { return items.size; },
  };
}
