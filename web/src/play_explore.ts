import { calmly, make } from "./dom";
import { Frames } from "./frames";
import { Nearest } from "./nearest";
import { fileOf, Job, pictureOf, type Answer, type ModelInfo, type Options } from "./play_api";
import { Between } from "./play_between";
import { pointsPicture } from "./play_points";
import { say } from "./texts";

const gridCount = 16;
const walkCount = 17;
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
  private readonly frames = new Frames();
  private readonly between: Between;
  private readonly nearest: Nearest;
  private readonly isPoints: boolean;
  private asked = 0;
  private gridIsWhole = false;

  constructor(id: string, private readonly job: Job, private readonly model: ModelInfo) {
    this.isPoints = model.height <= 1 && model.width <= 1;
    this.nearest = new Nearest(id);
    this.between = new Between((from, to, count) => this.way(from, to, count), (image) => {
      this.asked++;
      this.frames.stop();
      this.seeImage(image);
    }, () => this.markEnds());
    this.seed = make("input", { type: "number", id: "play-seed", min: 0, max: greatestSeed, step: 1, value: 1,
      change: () => this.anew() });
    this.truncation = make("input", { type: "range", id: "play-truncation", min: 0, max: 2, step: 0.05, value: 0,
      input: () => this.anew() });
    model.classes.forEach((name, index) => this.kind.append(make("option", { value: index }, name)));
    const button = (key: "play.previous" | "play.next" | "play.random", sign: string, seed: () => number) =>
      make("button", { class: "icon", title: say(key), "aria-label": say(key), click: () => this.go(seed()) }, sign);
    const now = () => Number(this.seed.value) || 0;
    const directions = this.isPoints ? 0 : model.principal_directions;
    const rows = Array.from({ length: directions }, (_, index) => this.direction(index));
    this.element = make("div", { class: "play-explorer" },
      make("div", { class: "play-stage" },
        make("div", { class: "play-pictures" }, this.picture, this.nearest.figure), this.trouble,
        this.isPoints ? null : this.nearest.element),
      make("div", { class: "play-controls" },
        make("div", { class: "play-row" }, make("label", { for: "play-seed" }, say("play.seed")),
          button("play.previous", "‹", () => Math.max(0, now() - 1)), this.seed,
          button("play.next", "›", () => now() + 1),
          button("play.random", "⚄", () => Math.floor(Math.random() * 1e6))),
        make("div", { class: "play-row" },
          make("label", { for: "play-truncation" }, say("play.truncation")), this.truncation),
        model.classes.length > 0 && make("div", { class: "play-row" },
          make("label", { for: "play-class" }, say("play.class")), this.kind),
        ...rows,
        !this.isPoints && make("div", { class: "play-row" },
          make("button", { click: () => this.reset() }, say("play.reset")),
          make("button", { click: () => void this.walk() }, say("play.walk")))),
      ...(this.isPoints ? [] : [make("div", { class: "play-others" }, this.between.element, this.grid)]));
    void this.show(false);
  }

  destroy() {
    this.asked++;
    this.frames.stop();
    this.between.destroy();
    this.nearest.destroy();
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
    this.frames.stop();
    this.between.forget();
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
    this.frames.stop();
    this.between.pause();
    const mine = ++this.asked;
    const answer = await this.ask({ ...this.options(), count: this.isPoints ? 64 : 1 });
    if (mine !== this.asked || !answer) return;
    if (answer.points) this.see(pointsPicture(answer.points));
    else if (answer.images) this.seeImage(answer.images[0]);
    if ((!onlyLarge || !this.gridIsWhole) && !this.isPoints) await this.fillGrid(mine);
  }

  private see(address: string) {
    this.picture.src = address;
    this.picture.hidden = false;
  }

  private seeImage(image: string) {
    this.see(pictureOf(image));
    this.nearest.take(async () => fileOf(image));
  }

  private async fillGrid(mine: number) {
    this.gridIsWhole = false;
    const first = (Number(this.seed.value) || 0) + 1;
    const seeds = Array.from({ length: gridCount }, (_, index) => first + index);
    const answer = await this.ask({ ...this.seedless(), seeds: seeds.join() });
    if (mine !== this.asked || !answer?.images) return;
    const { images } = answer;
    this.grid.replaceChildren(...seeds.map((seed, index) => make("button", { class: "play-cell", "data-seed": seed,
      click: () => { if (!this.between.take(seed)) this.go(seed); } },
    make("img", { src: pictureOf(images[index]), alt: "" }))));
    this.markEnds();
    this.gridIsWhole = true;
  }

  /** What holds for all samples, whatever their seed. */
  private seedless(): Options {
    const { seed: _, along: __, ...options } = this.options();
    return options;
  }

  private markEnds() {
    for (const cell of this.grid.querySelectorAll<HTMLElement>("[data-seed]")) {
      const seed = Number(cell.dataset.seed);
      const end = this.between.endOf(seed);
      const words = say("play.explore", { seed });
      cell.title = end ? `${words} (${end})` : words;
      cell.setAttribute("aria-label", cell.title);
      cell.dataset.end = end;
    }
  }

  /** The way from one seed's sample to another's. */
  private async way(from: number, to: number, count: number): Promise<string[] | null> {
    const answer = await this.ask({ ...this.seedless(), seeds: `${from},${to}`, interpolate: true, count });
    return answer?.images ?? null;
  }

  private async walk() {
    this.frames.stop();
    this.between.pause();
    const mine = ++this.asked;
    const answer = await this.ask(
      { ...this.seedless(), seed: this.seed.value || 0, count: walkCount, interpolate: true });
    if (mine !== this.asked || !answer?.images) return;
    const { images } = answer;
    this.frames.play(0, images.length, (index) => this.seeImage(images[index]));
  }
}
