import { points } from "./api";
import { make } from "./dom";
import { Kept } from "./kept";
import { LearnView, layers, type Layer } from "./learn_view";
import { whole } from "./numbers";
import { remember, remembered } from "./preferences";
import { PreviewPanel } from "./preview_panel";
import { say } from "./texts";
import type { PointsPreview, RealPoints, RunDetails } from "./types";

/**
 * Of trainings on points of the plane: the real points, the samples, the discriminator's field and the generator's
 * manifold through time, as GAN Lab draws them (Kahng et al. 2018, arXiv 1809.01587).
 */
export class LearnPanel extends PreviewPanel<PointsPreview> {
  private readonly view = new LearnView();
  private readonly toggles = {} as Record<Layer, { box: HTMLInputElement; label: HTMLElement }>;
  private readonly scale: HTMLElement;
  private readonly notes = make("div", { class: "soft small learn-notes" });
  private step = 0;

  constructor(details: RunDetails, onStep: (step: number) => void) {
    super(details, new Kept((step) => points<PointsPreview>(details.id, step)), say("learn.title"), say("learn.broken"),
      onStep);
    for (const layer of layers) {
      const box = make("input", { type: "checkbox", checked: remembered(`learn.${layer}`, true), change: () => {
        remember(`learn.${layer}`, box.checked);
        this.showLayers();
      } });
      const swatch = make("i", { class: `swatch ${layer}`, "aria-hidden": "true" });
      this.toggles[layer] = { box, label: make("label", { class: "small" }, box, swatch, say(`learn.${layer}`)) };
    }
    this.toggles.reals.label.hidden = true;  // until they are loaded
    this.scale = make("div", { class: "learn-scale small soft" }, make("span", {}, "0"),
      make("i", { "aria-hidden": "true" }), make("span", {}, "1"), make("span", {}, say("learn.scale")));
    const group = make("div", { class: "learn-layers", role: "group", "aria-label": say("learn.layers") },
      ...layers.map((layer) => this.toggles[layer].label));
    this.fill(this.view.element, make("div", {}, group, this.scale, this.notes));
    this.view.element.setAttribute("aria-label", say("learn.title"));
    this.take(details, false);
  }

  override destroy() {
    super.destroy();
    this.view.destroy();
  }

  override take(details: RunDetails, anew: boolean) {
    super.take(details, anew);
    if (this.toggles.reals.label.hidden && details.previews.length > 0) void this.loadReals();
  }

  protected draw(preview: PointsPreview, step: number) {
    const { classes, field, manifold: { latent_size: size, reach } } = preview;
    const outside = this.view.show(preview);
    this.step = step;
    this.toggles.field.label.hidden = !field;
    const kind = size === 1 ? "line" : size === 2 ? "grid" : "plane";
    const notes = [!field && say("learn.no-field"), field?.fitted && say("learn.fitted"),
      say(`learn.${kind}`, { size, reach }), classes > 0 && say("learn.classes"),
      outside > 0 && say("learn.outside", { count: whole(outside) })];
    this.notes.replaceChildren(...notes.flatMap((words) => (words ? [make("p", {}, words)] : [])));
    this.showLayers();
  }

  private async loadReals() {
    try {
      this.view.showReals(await points<RealPoints>(this.details.id, "real"));
    } catch {
      return;  // the next preview asks again
    }
    this.toggles.reals.label.hidden = false;
    this.showLayers();
  }

  private showLayers() {
    const shown = layers.filter((layer) => this.toggles[layer].box.checked && !this.toggles[layer].label.hidden);
    const names = shown.map((layer) => say(`learn.${layer}`)).join(", ");
    this.view.choose(new Set(shown), say("learn.alt", { step: whole(this.step), layers: names }));
    this.scale.hidden = !shown.includes("field");
  }
}
