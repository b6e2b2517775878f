import { lost, onReturn } from "./connection";
import { askForToken } from "./login";

const root = "/api/v1/";

export class ApiError extends Error {
  constructor(readonly status: number, message: string) {
    super(message);
  }
}

/** What the server answers to a question; asks for the token where it wants one. */
export async function get<T>(path: string): Promise<T> {
  let answer: Response;
  try {
    answer = await fetch(root + path);
  } catch (error) {
    void lost();
    throw error;
  }
  if (answer.status === 401) {
    await askForToken();
    return get<T>(path);
  }
  const json = await answer.json().catch(() => ({ error: `HTTP ${answer.status}` }));
  if (!answer.ok) throw new ApiError(answer.status, String((json as { error?: string }).error ?? answer.status));
  return json as T;
}

export const picture = (id: string, step: number | "real") => `${root}runs/${id}/previews/${step}.png`;

export const points = <T>(id: string, step: number | "real") => get<T>(`runs/${id}/previews/${step}.json`);

type Handlers = Record<string, (data: never) => void>;

/**
 * Events of the server from `after` on. The browser reconnects by itself; where it gives
 * up, after the server was away, and after the page was out of sight for long, `renew` is
 * called once: whoever listens loads anew and opens another stream.
 */
export class Stream {
  private static readonly hiddenMilliseconds = 60000;
  private readonly source: EventSource;
  private readonly forgetReturn: () => void;
  private timer = 0;

  constructor(path: string, after: number, handlers: Handlers, private readonly renew: () => void) {
    this.source = new EventSource(`${root}${path}?after=${after}`);
    for (const [name, handle] of Object.entries(handlers)) {
      this.source.addEventListener(name, (event) => handle(JSON.parse((event as MessageEvent).data) as never));
    }
    this.source.addEventListener("error", () => void lost());
    document.addEventListener("visibilitychange", this.seen);
    this.forgetReturn = onReturn(() => this.replace());
  }

  close() {
    clearTimeout(this.timer);
    this.source.close();
    this.forgetReturn();
    document.removeEventListener("visibilitychange", this.seen);
  }

  private replace() {
    this.close();
    this.renew();
  }

  private readonly seen = () => {
    clearTimeout(this.timer);
    if (!document.hidden) {
      if (this.source.readyState === EventSource.CLOSED) this.replace();
      return;
    }
    // A browser opens few connections to one server: pages that nobody looks at give theirs back.
    this.timer = setTimeout(() => this.source.close(), Stream.hiddenMilliseconds);
  };
}
