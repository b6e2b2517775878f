/** Whether the server answers. Whoever misses an answer says `lost`; then it is asked until it is there again. */
const intervalMilliseconds = 2000;
/** How often a server is asked that seems to be there: a connection can die unnoticed. */
const watchMilliseconds = 15000;
const awayListeners = new Set<(away: boolean) => void>();
const returnListeners = new Set<() => void>();
let asking = false;
let away = false;

function setAway(now: boolean) {
  if (now === away) return;
  away = now;
  for (const listener of awayListeners) listener(away);
}

async function answers(): Promise<boolean> {
  try {
    return (await fetch("/api/v1/about", { cache: "no-store" })).status < 500;
  } catch {
    return false;
  }
}

export async function lost() {
  if (asking) return;
  asking = true;
  do {
    setAway(!(await answers()));
    // Also where it answers at once: it is not to be overrun with streams that it refuses.
    await new Promise((resolve) => setTimeout(resolve, intervalMilliseconds));
  } while (away);
  asking = false;
  for (const listener of [...returnListeners]) listener();
}

export function onAway(listener: (away: boolean) => void) {
  awayListeners.add(listener);
}

/** Calls when the server answers again after somebody missed it; returns how to stop that. */
export function onReturn(listener: () => void): () => void {
  returnListeners.add(listener);
  return () => returnListeners.delete(listener);
}

setInterval(() => {
  if (!document.hidden && !asking) void answers().then((is) => { if (!is) void lost(); });
}, watchMilliseconds);
