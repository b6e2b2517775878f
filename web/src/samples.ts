import { make } from "./dom";
import { Film } from "./film";
import type { Cell } from "./grid";
import { Magnifier } from "./magnify";
import { Nearest } from "./nearest";
import { whole } from "./numbers";
import { Pictures } from "./pictures";
import { remember, remembered } from "./preferences";
import { SampleView } from "./sample_view";
import { say } from "./texts";
import type { RunDetails } from "./types";

/** Samples of one run through time, with real images beside them. */
export class SamplesPanel {
  readonly element: HTMLElement;
  private readonly pictures: Pictures;
  private readonly film = new Film("samples-step", (step, index) => this.show(step, index));
  private readonly view = new SampleView((cell) => this.magnify(cell));
  private readonly real = new SampleView(() => {});
  private readonly realBox: HTMLInputElement;
  private readonly realPlace: HTMLElement;
  private readonly realLabel: HTMLElement;
  private readonly empty = make("p", { class: "empty" }, say("samples.none"));
  private readonly body: HTMLElement;
  private readonly trouble = make("p", { class: "note small", hidden: true }, say("samples.broken"));
  private index = 0;
  private magnifier: Magnifier | null = null;

  constructor(private details: RunDetails, private readonly onStep: (step: number) => void) {
    this.pictures = new Pictures(details.id);
    this.realBox = make("input", { type: "checkbox", checked: remembered("samples.real", true), change: () => {
      remember("samples.real", this.realBox.checked);
      void this.showReal();
    } });
    this.realLabel = make("label", { class: "small" }, this.realBox, ` ${say("samples.show-real")}`);
    this.realPlace = make("figure", {},
      make("figcaption", { class: "soft small" }, say("samples.real")), this.real.element);
    this.body = make("div", {}, this.film.element,
      make("div", { class: "pictures" }, make("figure", {}, this.view.element), this.realPlace), this.trouble,
      make("div", { class: "soft small samples-foot" }, make("span", {}, say("samples.magnify")), this.realLabel));
    this.element = make("section", { class: "samples panel", id: "samples", "aria-label": say("samples.title") },
      make("h2", {}, say("samples.title")), this.body, this.empty);
    this.take(details, false);
  }

  destroy() {
    this.film.pause();
    this.magnifier?.close();
  }

  /** Takes the steps that there are pictures of. `anew`: pictures may have changed. */
  take(details: RunDetails, anew: boolean) {
    this.details = details;
    if (anew) this.pictures.forget();
    this.body.hidden = details.previews.length === 0;
    this.empty.hidden = !this.body.hidden;
    this.realLabel.hidden = !details.real;
    this.film.take(details.previews, anew);
    void this.showReal();
  }

  /** Shows the samples of the picture nearest to a step. */
  showStep(step: number) {
    this.film.showStep(step);
  }

  private async show(step: number, index: number) {
    this.index = index;
    this.onStep(step);
    try {
      const image = await this.pictures.get(step);
      if (index !== this.index) return;
      this.trouble.hidden = true;
      this.view.show(image, this.details.grid, say("samples.alt", { step: whole(step) }));
      for (const beside of [this.details.previews[index + 1], this.details.previews[index - 1]]) {
        if (beside !== undefined) void this.pictures.get(beside).catch(() => {});
      }
    } catch {
      if (index === this.index) this.trouble.hidden = false;
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

  private magnify(cell: Cell | null) {
    this.film.pause();
    this.magnifier?.close();
    const { previews, grid } = this.details;
    this.magnifier = new Magnifier(this.pictures, previews, this.index, grid, cell,
      (index) => this.film.showStep(previews[index]), Nearest.of(this.details));
  }
}
