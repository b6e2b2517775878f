import { make } from "./dom";
import type { Hub } from "./hub";
import type { Measure } from "./lines";
import { measureName } from "./measures";
import { say } from "./texts";
import type { Journal } from "./types";

/** Options of a select for all measures, grouped by journal. `first` stands before them. */
export function measureOptions(series: { name: string; journal: Journal }[], first: Node[], chosen?: Measure): Node[] {
  const groups = (["steps", "checks"] as const).map((journal) => {
    const mine = series.filter((each) =>
      each.journal === journal && !["step", "images", "seconds"].includes(each.name));
    const options = mine.map(({ name }) => ({ name, label: measureName(name) }))
      .sort((one, other) => one.label.localeCompare(other.label))
      .map(({ name, label }) => make("option", {
        value: `${journal}:${name}`, selected: chosen?.journal === journal && chosen.name === name }, label));
    return options.length > 0
      && make("optgroup",
        { label: say(journal === "steps" ? "charts.steps-journal" : "charts.checks-journal") }, ...options);
  });
  return [...first, ...groups.filter((group): group is HTMLOptGroupElement => group !== false)];
}

export function measureOf(value: string): Measure {
  const colon = value.indexOf(":");
  return { journal: value.slice(0, colon) as Journal, name: value.slice(colon + 1) };
}

/** What sets all charts at once: x axis, smoothing, outliers, zoom. */
export class ChartTools {
  readonly element: HTMLElement;
  private readonly axis: HTMLSelectElement;
  private known = "";

  constructor(private readonly hub: Hub, onAxis: (x: Measure) => void) {
    this.axis = make("select", { id: "x-axis", change: () => onAxis(measureOf(this.axis.value)) });
    const amount = make("output", {}, hub.smoothing.toFixed(2));
    const slider = make("input", { type: "range", id: "smoothing", min: 0, max: 0.99, step: 0.01, value: hub.smoothing,
      input: () => {
        amount.textContent = Number(slider.value).toFixed(2);
        hub.choose({ smoothing: Number(slider.value) });
      } });
    const clip = make("input", { type: "checkbox", checked: hub.clip,
      change: () => hub.choose({ clip: clip.checked }) });
    const button = (sign: string, key: "zoom-in" | "zoom-out" | "left" | "right", action: () => void) =>
      make("button", { class: "icon", title: say(`charts.${key}`),
        "aria-label": say(`charts.${key}`), click: action }, sign);
    this.element = make("div", { class: "chart-bar" },
      make("label", { for: "x-axis" }, say("charts.x"), this.axis),
      make("label", { for: "smoothing" }, say("charts.smoothing"), slider, amount),
      make("label", { title: say("charts.clip-help") }, clip, say("charts.clip")),
      make("span", { class: "zoom", role: "group" },
        button("−", "zoom-out", () => hub.zoomBy(2)), button("+", "zoom-in", () => hub.zoomBy(0.5)),
        button("‹", "left", () => hub.moveBy(-0.25)), button("›", "right", () => hub.moveBy(0.25)),
        make("button", { click: () => hub.zoomTo(null) }, say("charts.whole"))));
  }

  /** Offers the measures that there are. */
  offer(series: { name: string; journal: Journal }[]) {
    const now = series.map(({ journal, name }) => `${journal}:${name}`).join();
    if (now === this.known) return;
    this.known = now;
    const { x } = this.hub;
    const first = ["step", "images", "seconds"].map((name) =>
      make("option", { value: `steps:${name}`, selected: x.name === name }, measureName(name)));
    this.axis.replaceChildren(...measureOptions(series, first, x));
  }
}
