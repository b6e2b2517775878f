import { ApiError, get } from "./api";
import { make } from "./dom";
import { Job, type ModelInfo } from "./play_api";
import { Explorer } from "./play_explore";
import { ImageTask, imageTasks } from "./play_image";
import { say } from "./texts";

/** What a person can try with the model of a run; hidden while there is none. */
export class PlayPanel {
  readonly element = make("section", { class: "play-panel panel", hidden: true, "aria-label": say("play.title") });
  private readonly job: Job;
  private readonly imageJob: Job;
  private explorer: Explorer | null = null;
  private image: ImageTask | null = null;
  private asking = false;

  constructor(private readonly id: string) {
    this.job = new Job(id);
    this.imageJob = new Job(id);
    void this.look();
  }

  /** Asks whether there is a model by now. */
  async look() {
    if (this.asking || this.explorer || this.image) return;
    this.asking = true;
    try {
      const model = await get<ModelInfo | null>(`runs/${this.id}/model`);
      if (model) this.build(model);
    } catch (error) {
      // That the server or the run is away, the page says elsewhere; the next news of the run ask again.
      if (error instanceof ApiError && error.status !== 404) {
        this.show(make("p", { class: "error", role: "alert" }, say("play.broken", { reason: error.message })));
      }
    } finally {
      this.asking = false;
    }
  }

  destroy() {
    this.explorer?.destroy();
    this.image?.destroy();
    void this.job.cancel();
    void this.imageJob.cancel();
  }

  private build(model: ModelInfo) {
    if (model.tasks.includes("sample")) this.explorer = new Explorer(this.id, this.job, model);
    if (model.tasks.some((task) => imageTasks.includes(task))) this.image = new ImageTask(this.imageJob, model);
    this.show(...[this.explorer, this.image].flatMap((part) => (part ? [part.element] : [])));
  }

  private show(...parts: HTMLElement[]) {
    this.element.replaceChildren(make("h2", {}, say("play.title")), ...parts);
    this.element.hidden = parts.length === 0;
  }
}
