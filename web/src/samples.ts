import { make } from "./dom";
import type { Cell } from "./grid";
import { Magnifier } from "./magnify";
import { Nearest } from "./nearest";
import { whole } from "./numbers";
import { Pictures } from "./pictures";
import { remember, remembered } from "./preferences";
import { PreviewPanel } from "./preview_panel";
import { SampleView } from "./sample_view";
import { say } from "./texts";
import type { RunDetails } from "./types";

/** Pictures of the samples of one run through time, with real images beside them. */
export class SamplesPanel extends PreviewPanel<HTMLImageElement> {
  private readonly view = new SampleView((cell) => this.magnify(cell));
  private readonly real = new SampleView(() => {});
  private readonly realBox: HTMLInputElement;
  private readonly realPlace: HTMLElement;
  private readonly realLabel: HTMLElement;
  private magnifier: Magnifier | null = null;

  constructor(details: RunDetails, onStep: (step: number) => void) {
    super(details, new Pictures(details.id), say("samples.title"), say("samples.broken"), onStep);
    this.realBox = make("input", { type: "checkbox", checked: remembered("samples.real", true), change: () => {
      remember("samples.real", this.realBox.checked);
      void this.showReal();
    } });
    this.realLabel = make("label", { class: "small" }, this.realBox, ` ${say("samples.show-real")}`);
    this.realPlace = make("figure", {},
      make("figcaption", { class: "soft small" }, say("samples.real")), this.real.element);
    this.fill(make("div", { class: "pictures" }, make("figure", {}, this.view.element), this.realPlace),
      make("div", { class: "soft small samples-foot" }, make("span", {}, say("samples.magnify")), this.realLabel));
    this.take(details, false);
  }

  override destroy() {
    super.destroy();
    this.magnifier?.close();
  }

  override take(details: RunDetails, anew: boolean) {
    super.take(details, anew);
    this.realLabel.hidden = !details.real;
    void this.showReal();
  }

  protected draw(image: HTMLImageElement, step: number) {
    this.view.show(image, this.details.grid, say("samples.alt", { step: whole(step) }));
  }

  private async showReal() {
    const wanted = this.details.real && this.realBox.checked;
    this.realPlace.hidden = !wanted;
    if (!wanted) return;
    try {
      const grid = this.details.grid && { ...this.details.grid, kinds: null };
      this.real.show(await this.kept.get("real"), grid, say("samples.real"));
    } catch {
      this.realPlace.hidden = true;
    }
  }

  private magnify(cell: Cell | null) {
    this.film.pause();
    this.magnifier?.close();
    const { previews, grid } = this.details;
    this.magnifier = new Magnifier(this.kept, previews, this.index, grid, cell,
      (index) => this.film.showStep(previews[index]), Nearest.of(this.details));
  }
}
