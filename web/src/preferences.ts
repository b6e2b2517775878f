/** What the person chose, kept by the browser. Where it keeps nothing, the choice holds until the page is closed. */
const held = new Map<string, unknown>();

export function remembered<T>(name: string, otherwise: T): T {
  if (held.has(name)) return held.get(name) as T;
  try {
    const text = localStorage.getItem(`forger.${name}`);
    if (text !== null) return JSON.parse(text) as T;
  } catch {
    // Blocked or damaged: as if nothing had been kept.
  }
  return otherwise;
}

export function remember(name: string, value: unknown) {
  held.set(name, value);
  try {
    localStorage.setItem(`forger.${name}`, JSON.stringify(value));
  } catch {
    // Blocked or full: `held` has it.
  }
}
