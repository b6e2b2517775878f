import { ApiError } from "./api";
import { askForToken } from "./login";

/** What a model can do. */
export interface ModelInfo {
  tasks: string[];
  height: number;
  width: number;
  channels: number;
  classes: string[];
  directions: string[];
}

export interface Answer {
  images?: string[];
  points?: [number, number][];
  score?: number;
  p_normal?: number;
  threshold?: number;
  verdict?: string;
  overlay?: string;
}

export type Options = Record<string, string | number | boolean>;

export const pictureOf = (base64: string) => `data:image/png;base64,${base64}`;

/** One task of a model at a time; a newer request takes the place of the one that runs. */
export class Job {
  onProgress: (done: number) => void = () => {};
  private token = "";
  private waiting: (() => void) | null = null;

  constructor(private readonly id: string) {}

  /** The answer, or null where a newer request or the person ended it. */
  async run(task: string, options: Options, body?: Blob | FormData): Promise<Answer | null> {
    this.waiting?.();
    if (this.token) {
      void this.cancel();
      const goOn = await new Promise<boolean>((resolve) => {
        this.waiting = () => resolve(false);
        this.next = () => resolve(true);
      });
      if (!goOn) return null;
    }
    const token = this.token = Array.from(crypto.getRandomValues(new Uint32Array(4)), (part) => part.toString(16)).join("");
    try {
      return await this.ask(task, options, token, body);
    } catch (error) {
      if (error instanceof ApiError && error.status === 409) return null;
      throw error;
    } finally {
      this.token = "";
      this.waiting = null;
      const { next } = this;
      this.next = null;
      next?.();
    }
  }

  async cancel() {
    if (this.token) await fetch(`/api/v1/jobs/${this.token}/cancel`, { method: "POST" }).catch(() => {});
  }

  /** Progress, as events of the run tell it. */
  take(news: { job: string; done: number }) {
    if (news.job === this.token) this.onProgress(news.done);
  }

  private next: (() => void) | null = null;

  private async ask(task: string, options: Options, token: string, body?: Blob | FormData): Promise<Answer> {
    const query = new URLSearchParams({ job: token });
    for (const [name, value] of Object.entries(options)) query.set(name, String(value));
    const answer = await fetch(`/api/v1/runs/${this.id}/tasks/${task}?${query}`,
      { method: "POST", body, headers: { Accept: "application/json" } });
    if (answer.status === 401) {
      await askForToken();
      return this.ask(task, options, token, body);
    }
    const json = await answer.json().catch(() => ({ error: `HTTP ${answer.status}` }));
    if (!answer.ok) throw new ApiError(answer.status, String(json.error ?? answer.status));
    return json as Answer;
  }
}
