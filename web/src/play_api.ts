import { ApiError } from "./api";
import { askForToken } from "./login";

/** What a model can do. */
export interface ModelInfo {
  tasks: string[];
  height: number;
  width: number;
  channels: number;
  classes: string[];
  /** Ways of translation. */
  directions: string[];
  /** Directions that latents can be moved along. */
  principal_directions: number;
  encoder: boolean;
  variety: boolean;
  scale: number;
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

export function fileOf(base64: string): Blob {
  return new Blob([Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0))], { type: "image/png" });
}

/** One job of a run at a time; a newer request takes the place of the one that runs. */
export class Job {
  private static readonly running = new Map<string, Job>();
  onProgress: (done: number) => void = () => {};
  private token = "";
  private waiting: (() => void) | null = null;

  constructor(private readonly id: string) {}

  /** Progress of any job, as events of the run tell it. */
  static take({ job, done }: { job: string; done: number }) {
    Job.running.get(job)?.onProgress(done);
  }

  /** The answer of a path below the run's; null where a newer request or the person ended it. */
  async run<T = Answer>(path: string, options: Options, body?: Blob | FormData): Promise<T | null> {
    this.waiting?.();
    if (this.token) {
      void this.cancel();
      const goOn = await new Promise<boolean>((resolve) => {
        this.waiting = () => resolve(false);
        this.next = () => resolve(true);
      });
      if (!goOn) return null;
    }
    const token = Array.from(crypto.getRandomValues(new Uint32Array(4)), (part) => part.toString(16)).join("");
    this.token = token;
    Job.running.set(token, this);
    try {
      return await this.ask<T>(path, options, token, body);
    } catch (error) {
      if (error instanceof ApiError && error.status === 409) return null;
      throw error;
    } finally {
      Job.running.delete(token);
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

  private next: (() => void) | null = null;

  private async ask<T>(path: string, options: Options, token: string, body?: Blob | FormData): Promise<T> {
    const query = new URLSearchParams({ job: token });
    for (const [name, value] of Object.entries(options)) query.set(name, String(value));
    const answer = await fetch(`/api/v1/runs/${this.id}/${path}?${query}`,
      { method: "POST", body, headers: { Accept: "application/json" } });
    if (answer.status === 401) {
      await askForToken();
      return this.ask<T>(path, options, token, body);
    }
    const json = await answer.json().catch(() => ({ error: `HTTP ${answer.status}` }));
    if (!answer.ok) throw new ApiError(answer.status, String(json.error ?? answer.status));
    return json as T;
  }
}
