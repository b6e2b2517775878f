import { get } from "./api";
import { make } from "./dom";
import { Job, type ModelInfo } from "./play_api";
import { Explorer } from "./play_explore";
import { say } from "./texts";

/** What a person can try with the model of a run; hidden while there is none. */
export class PlayPanel {
  readonly element = make("section", { class: "play-panel panel", hidden: true, "aria-label": say("play.title") });
  private readonly job: Job;
  private explorer: Explorer | null = null;
  private asking = false;

  constructor(private readonly id: string) {
    this.job = new Job(id);
    void this.look();
  }

  /** Asks whether there is a model by now. */
  async look() {
    if (this.asking || !this.element.hidden) return;
    this.asking = true;
    try {
      this.build(await get<ModelInfo>(`runs/${this.id}/model`));
    } catch {
      // No model yet: the next news of the run ask again.
    } finally {
      this.asking = false;
    }
  }

  progress(news: { job: string; done: number }) {
    this.job.take(news);
  }

  destroy() {
    this.explorer?.destroy();
    void this.job.cancel();
  }

  private build(model: ModelInfo) {
    if (!model.tasks.includes("sample")) return;
    this.explorer = new Explorer(this.job, model);
    this.element.replaceChildren(make("h2", {}, say("play.title")), this.explorer.element);
    this.element.hidden = false;
  }
}
