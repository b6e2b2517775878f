import { calmly, make } from "./dom";
import { Job, pictureOf, type Answer, type ModelInfo, type Options } from "./play_api";
import { pointsPicture } from "./play_points";
import { say } from "./texts";

const directions = 8;
const gridCount = 16;
const walkCount = 9;
const frameMilliseconds = 220;
const greatestSeed = 2 ** 31 - 1;

/** A sample that the person moves through what the model has learnt. */
export class Explorer {
  readonly element: HTMLElement;
  private readonly picture = make("img", { class: "play-large", alt: say("play.sample"), hidden: true });
  private readonly grid = make("div", { class: "play-grid", role: "group", "aria-label": say("play.others") });
  private readonly trouble = make("p", { class: "error small play-trouble", role: "alert" });
  private readonly seed: HTMLInputElement;
  private readonly truncation: HTMLInputElement;
  private readonly kind = make("select", { id: "play-class", change: () => this.anew() });
  private readonly sliders: HTMLInputElement[] = [];
  private readonly redraw = calmly(60, () => void this.show(true));
  private readonly anewSoon = calmly(250, () => void this.show(false));
  private readonly isPoints: boolean;
  private asked = 0;
  private gridIsWhole = false;
  private timer = 0;

  constructor(private readonly job: Job, private readonly model: ModelInfo) {
    this.isPoints = model.height <= 1 && model.width <= 1;
    this.seed = make("input", { type: "number", id: "play-seed", min: 0, max: greatestSeed, step: 1, value: 1,
      change: () => this.anew() });
    this.truncation = make("input", { type: "range", id: "play-truncation", min: 0, max: 2, step: 0.05, value: 0,
      input: () => this.anew() });
    model.classes.forEach((name, index) => this.kind.append(make("option", { value: index }, name)));
    const button = (key: "play.previous" | "play.next" | "play.random", sign: string, seed: () => number) =>
      make("button", { class: "icon", title: say(key), "aria-label": say(key), click: () => this.go(seed()) }, sign);
    const now = () => Number(this.seed.value) || 0;
    const rows = Array.from({ length: this.isPoints ? 0 : directions }, (_, index) => this.direction(index));
    this.element = make("div", { class: "play-explorer" },
      make("figure", { class: "play-stage" }, this.picture, this.trouble),
      make("div", { class: "play-controls" },
        make("div", { class: "play-row" }, make("label", { for: "play-seed" }, say("play.seed")),
          button("play.previous", "‹", () => Math.max(0, now() - 1)), this.seed,
          button("play.next", "›", () => now() + 1),
          button("play.random", "⚄", () => Math.floor(Math.random() * 1e6))),
        make("div", { class: "play-row" }, make("label", { for: "play-truncation" }, say("play.truncation")), this.truncation),
        model.classes.length > 0 && make("div", { class: "play-row" },
          make("label", { for: "play-class" }, say("play.class")), this.kind),
        ...rows,
        !this.isPoints && make("div", { class: "play-row" },
          make("button", { click: () => this.reset() }, say("play.reset")),
          make("button", { click: () => void this.walk() }, say("play.walk")))),
      this.isPoints ? null : this.grid);
    void this.show(false);
  }

  destroy() {
    this.asked++;
    clearTimeout(this.timer);
  }

  private direction(index: number): HTMLElement {
    const id = `play-direction-${index}`;
    const value = make("output", { for: id }, "0.0");
    const slider = make("input", { type: "range", id, min: -4, max: 4, step: 0.1, value: 0, input: () => {
      value.textContent = Number(slider.value).toFixed(1);
      this.redraw();
    } });
    this.sliders.push(slider);
    return make("div", { class: "play-row" }, make("label", { for: id }, say("play.direction", { number: index + 1 })),
      slider, value);
  }

  private options(): Options {
    const along = this.sliders.flatMap((slider, index) => (Number(slider.value) ? [`${index}:${slider.value}`] : []));
    return { seed: this.seed.value || 0, truncation: this.truncation.value,
      ...(this.model.classes.length > 0 ? { class: this.kind.value } : {}),
      ...(along.length > 0 ? { along: along.join() } : {}) };
  }

  private go(seed: number) {
    this.seed.value = String(seed);
    this.reset();
  }

  private reset() {
    for (const slider of this.sliders) {
      slider.value = "0";
      const value = slider.nextElementSibling;
      if (value) value.textContent = "0.0";
    }
    this.anew();
  }

  private anew() {
    clearTimeout(this.timer);
    this.anewSoon();
  }

  private async ask(options: Options): Promise<Answer | null> {
    this.trouble.textContent = "";
    try {
      return await this.job.run("tasks/sample", options);
    } catch (error) {
      this.trouble.textContent = (error as Error).message;
      return null;
    }
  }

  /** `onlyLarge`: the other samples stay as they are. */
  private async show(onlyLarge: boolean) {
    clearTimeout(this.timer);
    const mine = ++this.asked;
    const answer = await this.ask({ ...this.options(), count: this.isPoints ? 64 : 1 });
    if (mine !== this.asked || !answer) return;
    if (answer.points) this.see(pointsPicture(answer.points));
    else if (answer.images) this.see(pictureOf(answer.images[0]));
    if ((!onlyLarge || !this.gridIsWhole) && !this.isPoints) await this.fillGrid(mine);
  }

  private see(address: string) {
    this.picture.src = address;
    this.picture.hidden = false;
  }

  private async fillGrid(mine: number) {
    this.gridIsWhole = false;
    const first = (Number(this.seed.value) || 0) + 1;
    const { along: _, ...options } = this.options();
    for (let index = 0; index < gridCount; index++) {
      const answer = await this.ask({ ...options, seed: first + index, count: 1 });
      if (mine !== this.asked || !answer?.images) return;
      const words = say("play.explore", { seed: first + index });
      const cell = make("button", { class: "play-cell", title: words, "aria-label": words,
        click: () => this.go(first + index) }, make("img", { src: pictureOf(answer.images[0]), alt: "" }));
      const old = this.grid.children[index];
      if (old) old.replaceWith(cell);
      else this.grid.append(cell);
    }
    this.gridIsWhole = true;
  }

  private async walk() {
    clearTimeout(this.timer);
    const mine = ++this.asked;
    const { along: _, ...options } = this.options();
    const answer = await this.ask({ ...options, count: walkCount, interpolate: true });
    if (mine !== this.asked || !answer?.images) return;
    const { images } = answer;
    const frame = (index: number) => {
      this.see(pictureOf(images[index]));
      if (index + 1 < images.length) this.timer = setTimeout(() => frame(index + 1), frameMilliseconds);
    };
    frame(0);
  }
}
