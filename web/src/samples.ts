import { make } from "./dom";
import { cellAt, cellsOf, type Cell } from "./grid";
import { Magnifier } from "./magnify";
import { whole } from "./numbers";
import { Pictures } from "./pictures";
import { remember, remembered } from "./preferences";
import { say, sayIfKnown } from "./texts";
import type { Grid, RunDetails } from "./types";

const frameMilliseconds = 350;
/** Narrower than this, the names of columns do not fit above them. */
const labelPixels = 46;

/** A picture of samples that fills its place; a click on an image of it magnifies that. */
export class SampleView {
  readonly element: HTMLElement;
  private readonly canvas = make("canvas", { role: "img", tabindex: 0 });
  private readonly labels = make("div", { class: "labels small soft", "aria-hidden": "true" });
  private readonly legend = make("p", { class: "soft small" });
  private grid: Grid | null = null;

  constructor(onCell: (cell: Cell | null) => void) {
    this.element = make("div", { class: "sample-view" }, this.labels, this.canvas, this.legend);
    this.canvas.addEventListener("click", (event) => onCell(this.grid && cellAt(this.grid, this.canvas.width,
      this.canvas.height, (event.offsetX * this.canvas.width) / this.canvas.clientWidth,
      (event.offsetY * this.canvas.height) / this.canvas.clientHeight)));
    this.canvas.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      onCell(this.grid && { column: 0, row: 0 });
    });
    new ResizeObserver(() => this.drawLabels()).observe(this.canvas);
  }

  show(image: HTMLImageElement, grid: Grid | null, words: string) {
    const { canvas } = this;
    this.grid = grid;
    canvas.setAttribute("aria-label", words);
    if (canvas.width !== image.naturalWidth) canvas.width = image.naturalWidth;
    if (canvas.height !== image.naturalHeight) canvas.height = image.naturalHeight;
    canvas.getContext("2d")?.drawImage(image, 0, 0);
    this.drawLabels();
  }

  /** The names of source, made and truth above their columns, or in a line where these are narrow. */
  private drawLabels() {
    const { grid, canvas } = this;
    const kinds = grid?.kinds ?? null;
    this.labels.hidden = this.legend.hidden = true;
    if (!grid || !kinds || canvas.width === 0 || canvas.clientWidth === 0) return;
    const scale = canvas.clientWidth / canvas.width;
    const wide = (grid.cell[0] / kinds.length) * scale;
    const names = kinds.map((kind) => sayIfKnown(`samples.${kind}`, kind));
    if (wide < labelPixels) {
      this.legend.hidden = false;
      this.legend.textContent = `${say("samples.tile")} ${names.join(" · ")}`;
      return;
    }
    this.labels.hidden = false;
    const { columns } = cellsOf(grid, canvas.width, canvas.height);
    this.labels.replaceChildren();
    for (let column = 0; column < columns; ++column) {
      for (const [part, name] of names.entries()) {
        const left = (grid.gap + column * (grid.cell[0] + grid.gap)) * scale + part * wide;
        this.labels.append(make("span", { style: `left: ${left}px; width: ${wide}px` }, name));
      }
    }
  }
}

/** Samples through time: a slider over steps, a film, and real images beside. */
export class SamplesPanel {
  readonly element: HTMLElement;
  private readonly pictures: Pictures;
  private readonly view = new SampleView((cell) => this.magnify(cell));
  private readonly real = new SampleView(() => {});
  private readonly realBox: HTMLInputElement;
  private readonly realPlace: HTMLElement;
  private readonly slider: HTMLInputElement;
  private readonly player = make("button", { class: "play", click: () => this.playOrPause() });
  private readonly where = make("output", { class: "where", for: "samples-step" });
  private readonly empty = make("p", { class: "empty" }, say("samples.none"));
  private readonly body: HTMLElement;
  private readonly trouble = make("p", { class: "note small", hidden: true }, say("samples.broken"));
  private details: RunDetails;
  private steps: number[] = [];
  private index = -1;
  private timer = 0;
  private magnifier: Magnifier | null = null;

  constructor(details: RunDetails, private readonly onStep: (step: number) => void) {
    this.details = details;
    this.pictures = new Pictures(details.id);
    this.slider = make("input", { type: "range", id: "samples-step", "aria-label": say("samples.step"), min: 0, step: 1,
      input: () => { this.pause(); void this.show(Number(this.slider.value)); } });
    this.realBox = make("input", { type: "checkbox", checked: remembered("samples.real", true), change: () => {
      remember("samples.real", this.realBox.checked);
      void this.showReal();
    } });
    const step = (way: number, sign: string, key: "samples.previous" | "samples.next") =>
      make("button", { class: "icon", title: say(key), "aria-label": say(key), click: () => {
        this.pause();
        void this.show(this.index + way);
      } }, sign);
    this.realPlace = make("figure", {}, make("figcaption", { class: "soft small" }, say("samples.real")), this.real.element);
    const realLabel = make("label", { class: "small" }, this.realBox, say("samples.show-real"));
    realLabel.hidden = !details.real;
    this.body = make("div", {},
      make("div", { class: "film" }, this.player, step(-1, "‹", "samples.previous"), this.slider, step(1, "›", "samples.next")),
      make("div", { class: "film-where" }, this.where, realLabel),
      make("div", { class: "pictures" }, make("figure", {}, this.view.element), this.realPlace), this.trouble,
      make("p", { class: "soft small" }, say("samples.magnify")));
    this.element = make("section", { class: "samples panel", id: "samples", "aria-label": say("samples.title") },
      make("h2", {}, say("samples.title")), this.body, this.empty);
    this.playing(false);
    this.take(details, false);
  }

  destroy() {
    this.pause();
    this.magnifier?.close();
  }

  /** Takes the steps that there are pictures of. `anew`: pictures may have changed. */
  take(details: RunDetails, anew: boolean) {
    const wasLast = this.index === this.steps.length - 1;
    const shown = this.steps[this.index];
    this.details = details;
    if (anew) this.pictures.forget();
    const isSame = !anew && details.previews.join() === this.steps.join();
    this.steps = [...details.previews];
    this.body.hidden = this.steps.length === 0;
    this.empty.hidden = this.steps.length > 0;
    if (isSame || this.steps.length === 0) return;
    this.slider.max = String(this.steps.length - 1);
    // Whoever looks at the newest picture goes on to newer ones.
    const index = wasLast || shown === undefined ? this.steps.length - 1 : this.nearest(shown);
    void this.show(index);
    void this.showReal();
  }

  /** Shows the samples of the picture nearest to a step. */
  showStep(step: number) {
    if (this.steps.length === 0) return;
    this.pause();
    void this.show(this.nearest(step));
  }

  private nearest(step: number): number {
    return this.steps.reduce((best, each, index) =>
      (Math.abs(each - step) < Math.abs(this.steps[best] - step) ? index : best), 0);
  }

  private async show(index: number) {
    if (this.steps.length === 0) return;
    this.index = Math.min(Math.max(index, 0), this.steps.length - 1);
    const step = this.steps[this.index];
    this.slider.value = String(this.index);
    this.slider.setAttribute("aria-valuetext", say("samples.at", { step: whole(step) }));
    this.where.replaceChildren(make("b", {}, say("samples.at", { step: whole(step) })),
      make("span", { class: "soft" }, ` ${say("samples.count", { index: this.index + 1, count: this.steps.length })}`));
    this.onStep(step);
    try {
      const image = await this.pictures.get(step);
      if (step !== this.steps[this.index]) return;
      this.trouble.hidden = true;
      this.view.show(image, this.details.grid, say("samples.alt", { step: whole(step) }));
      for (const next of [this.index + 1, this.index - 1]) {
        if (this.steps[next] !== undefined) void this.pictures.get(this.steps[next]).catch(() => {});
      }
    } catch {
      if (step === this.steps[this.index]) this.trouble.hidden = false;
    }
  }

  private async showReal() {
    const wanted = this.details.real && this.realBox.checked;
    this.realPlace.hidden = !wanted;
    if (!wanted) return;
    try {
      const grid = this.details.grid && { ...this.details.grid, kinds: null };
      this.real.show(await this.pictures.get("real"), grid, say("samples.real"));
    } catch {
      this.realPlace.hidden = true;
    }
  }

  private playing(is: boolean) {
    const words = say(is ? "samples.pause" : "samples.play");
    this.player.textContent = is ? "❚❚" : "▶";
    this.player.title = words;
    this.player.setAttribute("aria-label", words);
  }

  private playOrPause() {
    if (this.timer) this.pause();
    else {
      this.playing(true);
      const from = this.index >= this.steps.length - 1 ? 0 : this.index + 1;
      void this.frame(from);
    }
  }

  private async frame(index: number) {
    const mine = this.timer = setTimeout(() => {}, 0);
    const begun = performance.now();
    await this.show(index);
    if (this.timer !== mine) return;
    if (index >= this.steps.length - 1) {
      this.pause();
      return;
    }
    const rest = Math.max(0, frameMilliseconds - (performance.now() - begun));
    this.timer = setTimeout(() => void this.frame(index + 1), rest);
  }

  private pause() {
    clearTimeout(this.timer);
    this.timer = 0;
    this.playing(false);
  }

  private magnify(cell: Cell | null) {
    this.pause();
    this.magnifier?.close();
    this.magnifier = new Magnifier(this.pictures, this.steps, this.index, this.details.grid, cell,
      (index) => void this.show(index));
  }
}
