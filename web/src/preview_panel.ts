import { make } from "./dom";
import { Film } from "./film";
import type { Kept } from "./kept";
import { say } from "./texts";
import type { RunDetails } from "./types";

/** What a run makes through time, under one slider over its previews. */
export abstract class PreviewPanel<T> {
  readonly element: HTMLElement;
  protected readonly film = new Film("samples-step", (step, index) => this.show(step, index));
  protected index = 0;
  private readonly empty = make("p", { class: "empty" }, say("samples.none"));
  private readonly body = make("div");
  private readonly trouble: HTMLElement;

  /** `onStep` is told which step is shown; `broken` says that there is nothing of a step. */
  constructor(protected details: RunDetails, protected readonly kept: Kept<T>, title: string, broken: string,
    private readonly onStep: (step: number) => void) {
    this.trouble = make("p", { class: "note small", hidden: true }, broken);
    this.element = make("section", { class: "samples panel", id: "samples", "aria-label": title },
      make("h2", {}, title), this.body, this.empty);
  }

  destroy() {
    this.film.pause();
  }

  /** Takes the steps that there are previews of. `anew`: known ones may have changed. */
  take(details: RunDetails, anew: boolean) {
    this.details = details;
    if (anew) this.kept.forget();
    this.body.hidden = details.previews.length === 0;
    this.empty.hidden = !this.body.hidden;
    this.film.take(details.previews, anew);
  }

  /** Shows the preview nearest to a step. */
  showStep(step: number) {
    this.film.showStep(step);
  }

  /** Puts what shows a preview under the slider. */
  protected fill(before: Node, after: Node) {
    this.body.append(this.film.element, before, this.trouble, after);
  }

  /** Draws what there is of a step. */
  protected abstract draw(preview: T, step: number): void;

  private async show(step: number, index: number) {
    this.index = index;
    this.onStep(step);
    try {
      const preview = await this.kept.get(step);
      if (index !== this.index) return;
      this.trouble.hidden = true;
      this.draw(preview, step);
      for (const beside of [this.details.previews[index + 1], this.details.previews[index - 1]]) {
        if (beside !== undefined) void this.kept.get(beside).catch(() => {});
      }
    } catch {
      if (index === this.index) this.trouble.hidden = false;
    }
  }
}
