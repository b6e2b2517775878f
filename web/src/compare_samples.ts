import { Film } from "./film";
import { make } from "./dom";
import type { Cell } from "./grid";
import { Magnifier } from "./magnify";
import { Nearest } from "./nearest";
import { whole } from "./numbers";
import { Pictures } from "./pictures";
import type { RunData } from "./run_data";
import { SampleView } from "./sample_view";
import { say } from "./texts";

/** One of the runs: its picture of the latest step that it has one of. */
interface Place {
  data: RunData;
  pictures: Pictures;
  view: SampleView;
  words: HTMLElement;
  index: number;
}

/** Samples of several runs side by side, under one slider over steps. */
export class CompareSamples {
  readonly element: HTMLElement;
  private readonly film: Film;
  private readonly places: Place[];
  private magnifier: Magnifier | null = null;

  constructor(runs: RunData[], colorOf: (data: RunData) => string, private readonly onStep: (step: number) => void) {
    this.film = new Film("compare-step", (step) => this.show(step));
    this.places = runs.map((data) => ({
      data, pictures: new Pictures(data.id), words: make("figcaption", { class: "small" }), index: -1,
      view: new SampleView((cell) => this.magnify(data, cell)),
    }));
    this.element = make("section", { class: "samples panel", "aria-label": say("compare.samples") },
      make("h2", {}, say("compare.samples")), this.film.element,
      make("div", { class: "side-by-side" }, ...this.places.map(({ data, view, words }) =>
        make("figure", { style: `--tone: var(--${colorOf(data)})` }, words, view.element))));
    this.take();
  }

  destroy() {
    this.film.pause();
    this.magnifier?.close();
  }

  take() {
    const steps = [...new Set(this.places.flatMap(({ data }) => data.details.previews))]
      .sort((one, other) => one - other);
    this.element.hidden = steps.length === 0;
    this.film.take(steps, false);
  }

  showStep(step: number) {
    this.film.showStep(step);
  }

  private async show(step: number) {
    this.onStep(step);
    await Promise.all(this.places.map(async (place) => {
      const { previews, name, grid } = place.data.details;
      // The latest picture at that step or before it; of a run that begins later, its first.
      const at = previews.filter((each) => each <= step).length - 1;
      place.index = Math.max(0, at);
      const mine = previews[place.index];
      place.words.textContent = mine === undefined
        ? `${name}: ${say("compare.no-samples")}` : say("compare.shown", { name, step: whole(mine) });
      place.view.element.hidden = mine === undefined;
      if (mine === undefined) return;
      const image = await place.pictures.get(mine).catch(() => null);
      if (image && place.data.details.previews[place.index] === mine) {
        place.view.show(image, grid, `${name}, ${say("samples.alt", { step: whole(mine) })}`);
      }
    }));
  }

  private magnify(data: RunData, cell: Cell | null) {
    const place = this.places.find((each) => each.data === data);
    if (!place || place.index < 0) return;
    this.film.pause();
    this.magnifier?.close();
    this.magnifier = new Magnifier(place.pictures, data.details.previews, place.index, data.details.grid, cell,
      (index) => this.film.showStep(data.details.previews[index]), Nearest.of(data.details));
  }
}
