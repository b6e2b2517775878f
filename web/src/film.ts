import { make } from "./dom";
import { whole } from "./numbers";
import { say } from "./texts";

const frameMilliseconds = 350;

/** A slider over the steps that there are pictures of, which can also play them as a film. */
export class Film {
  readonly element: HTMLElement;
  private readonly slider: HTMLInputElement;
  private readonly player = make("button", { class: "play", click: () => this.playOrPause() });
  private readonly where: HTMLElement;
  private steps: number[] = [];
  private index = -1;
  private timer = 0;

  /** `show` is done when the pictures of a step stand there. */
  constructor(id: string, private readonly show: (step: number, index: number) => Promise<void>) {
    this.slider = make("input", { type: "range", id, "aria-label": say("samples.step"), min: 0, step: 1,
      input: () => { this.pause(); void this.go(Number(this.slider.value)); } });
    this.where = make("output", { for: id });
    const step = (way: number, sign: string, key: "samples.previous" | "samples.next") =>
      make("button", { class: "icon", title: say(key), "aria-label": say(key), click: () => {
        this.pause();
        void this.go(this.index + way);
      } }, sign);
    this.element = make("div", {},
      make("div", { class: "film" }, this.player, step(-1, "‹", "samples.previous"),
        this.slider, step(1, "›", "samples.next")),
      make("div", { class: "film-where" }, this.where));
    this.name(false);
  }

  /** Takes the steps that there are. `anew`: the pictures of known ones have changed as well. */
  take(steps: number[], anew: boolean) {
    if (!anew && steps.join() === this.steps.join()) return;
    const wasLast = this.index === this.steps.length - 1;
    const shown = this.steps[this.index];
    this.steps = [...steps];
    if (steps.length === 0) return;
    this.slider.max = String(steps.length - 1);
    // Whoever looks at the newest picture goes on to newer ones.
    void this.go(wasLast || shown === undefined ? steps.length - 1 : this.nearest(shown));
  }

  /** Shows the pictures nearest to a step. */
  showStep(step: number) {
    this.pause();
    if (this.steps.length > 0) void this.go(this.nearest(step));
  }

  pause() {
    clearTimeout(this.timer);
    this.timer = 0;
    this.name(false);
  }

  private nearest(step: number): number {
    return this.steps.reduce((best, each, index) =>
      (Math.abs(each - step) < Math.abs(this.steps[best] - step) ? index : best), 0);
  }

  private async go(index: number) {
    if (this.steps.length === 0) return;
    this.index = Math.min(Math.max(index, 0), this.steps.length - 1);
    const step = whole(this.steps[this.index]);
    this.slider.value = String(this.index);
    this.slider.setAttribute("aria-valuetext", say("samples.at", { step }));
    this.where.replaceChildren(make("b", {}, say("samples.at", { step })),
      make("span", { class: "soft" }, ` ${say("samples.count", { index: this.index + 1, count: this.steps.length })}`));
    await this.show(this.steps[this.index], this.index);
  }

  private name(playing: boolean) {
    const words = say(playing ? "samples.pause" : "samples.play");
    this.player.textContent = playing ? "❚❚" : "▶";
    this.player.title = words;
    this.player.setAttribute("aria-label", words);
  }

  private playOrPause() {
    if (this.timer) {
      this.pause();
      return;
    }
    this.name(true);
    void this.frame(this.index >= this.steps.length - 1 ? 0 : this.index + 1);
  }

  private async frame(index: number) {
    const begun = performance.now();
    // Any number but 0 says that a film is playing, also while its picture loads.
    const mine = this.timer = setTimeout(() => {}, 0);
    await this.go(index);
    if (this.timer !== mine) return;
    if (index >= this.steps.length - 1) {
      this.pause();
      return;
    }
    this.timer = setTimeout(() => void this.frame(index + 1),
      Math.max(0, frameMilliseconds - (performance.now() - begun)));
  }
}
