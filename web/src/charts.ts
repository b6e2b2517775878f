import { Chart } from "./chart";
import { chartSpecs, colorsOf, namesOf, wayBack, type ChartSpec } from "./chart_specs";
import { ChartTools, measureOf, measureOptions } from "./chart_tools";
import { calmly, make } from "./dom";
import { Hub } from "./hub";
import { isOrdered, stepsBetween, valuesAt, xOfStep, type Line, type Measure, type Numbers } from "./lines";
import { measureName } from "./measures";
import { remember, remembered } from "./preferences";
import type { RunData } from "./run_data";
import { say } from "./texts";
import type { Journal } from "./types";

/** All charts of one run. */
export class Charts {
  readonly element: HTMLElement;
  readonly hub = new Hub();
  private readonly tools: ChartTools;
  private readonly charts = new Map<Chart, HTMLElement>();
  private readonly sections = new Map<string, HTMLElement>();
  private readonly adding: HTMLSelectElement;
  private readonly ways: HTMLElement;
  private back = false;
  /** The x of each journal's rows; one list for all charts, whose curves then need no joining. */
  private readonly axes = new Map<Journal, Numbers>();

  constructor(private readonly data: RunData) {
    this.tools = new ChartTools(this.hub, (x) => void this.chooseAxis(x));
    this.ways = make("span", { class: "ways", role: "group", "aria-label": say("charts.way"), hidden: true });
    this.adding = make("select", { "aria-label": say("charts.add"), change: () => {
      void this.addOwn(measureOf(this.adding.value), true);
      this.adding.selectedIndex = 0;
    } });
    this.tools.element.append(this.ways);
    this.element = make("section", { class: "charts", "aria-label": say("charts.title") },
      this.tools.element, make("p", { class: "soft small hint" }, say("charts.hint")));
    for (const spec of chartSpecs) this.add(new Chart(this.options(spec), this.hub), spec.group);
    const own = this.section("group.own");
    own.before(make("div", { class: "adding" }, make("label", {}, say("charts.add"), this.adding)));
    const loadFiner = calmly(150, () => void data.zoom(
      this.hub.range && isOrdered(this.hub.x) ? stepsBetween(data, this.hub.x, this.hub.range) : null));
    this.hub.onRange = loadFiner;
    this.hub.placeOf = (step) => (isOrdered(this.hub.x)
      ? xOfStep(data.view("steps").steps, this.axisOf("steps"), step) : null);
    if (!this.hasAxis(this.hub.x)) this.hub.x = { name: "step", journal: "steps" };
    else if (!isOrdered(this.hub.x)) void data.need(this.hub.x.journal, this.hub.x.name);
    for (const measure of remembered<Measure[]>("charts.own", [])) void this.addOwn(measure, false);
    this.take();
  }

  destroy() {
    for (const chart of this.charts.keys()) chart.destroy();
  }

  /** Takes the run's present numbers. */
  take() {
    this.axes.clear();
    const { series } = this.data.details;
    this.tools.offer(series);
    const first = make("option", { value: "" }, say("charts.add-choose"));
    if (this.adding.options.length <= 1) this.adding.replaceChildren(...measureOptions(series, [first]));
    this.offerWays();
    const used = new Set<HTMLElement>();
    for (const [chart, section] of this.charts) {
      chart.take();
      if (!chart.element.hidden) used.add(section);
    }
    for (const section of this.sections.values()) section.hidden = !used.has(section);
    this.hub.update();
  }

  private hasAxis(x: Measure): boolean {
    return isOrdered(x) || this.data.names(x.journal).includes(x.name);
  }

  private async chooseAxis(x: Measure) {
    if (!isOrdered(x)) await this.data.need(x.journal, x.name);
    this.hub.x = x;
    this.take();
    this.hub.choose({ x });
  }

  private offerWays() {
    const isBoth = this.data.names("checks").some((name) => name.startsWith(wayBack));
    if (!isBoth) return;
    this.ways.hidden = false;
    const button = (back: boolean) => make("button", { "aria-pressed": String(this.back === back), click: () => {
      this.back = back;
      this.take();
    } }, say(back ? "charts.way-back" : "charts.way-there"));
    this.ways.replaceChildren(make("span", {}, say("charts.way")), button(false), button(true));
  }

  private section(group: string): HTMLElement {
    const known = this.sections.get(group);
    if (known) return known;
    const section = make("div", { class: "chart-group" }, make("h2", {}, say(group as ChartSpec["group"])),
      make("div", { class: "chart-grid" }));
    this.sections.set(group, section);
    this.element.append(section);
    return section;
  }

  private add(chart: Chart, group: string) {
    const section = this.section(group);
    section.lastElementChild?.append(chart.element);
    this.charts.set(chart, section);
  }

  private async addOwn(measure: Measure, isNew: boolean) {
    const key = `own.${measure.journal}.${measure.name}`;
    if (!measure.name || [...this.charts.keys()].some((chart) => chart.element.dataset.chart === key)) return;
    if (isNew) remember("charts.own", [...remembered<Measure[]>("charts.own", []), measure]);
    const chart: Chart = new Chart({
      key, title: measureName(measure.name),
      lines: () => (this.data.names(measure.journal).includes(measure.name)
        ? [this.line(measure, measureName(measure.name), "a", false)] : []),
      sources: () => [{ data: this.data, journal: measure.journal, names: [measure.name] }],
      remove: () => {
        chart.destroy();
        this.charts.delete(chart);
        remember("charts.own", remembered<Measure[]>("charts.own", []).filter((each) =>
          each.name !== measure.name || each.journal !== measure.journal));
        this.take();
      },
    }, this.hub);
    this.add(chart, "group.own");
    await this.data.need(measure.journal, measure.name);
    this.take();
    if (isNew) chart.element.scrollIntoView({ block: "center", behavior: "smooth" });
  }

  private line(measure: Measure, label: string, color: string, band: boolean): Line {
    const { data } = this;
    const { columns, steps } = data.view(measure.journal);
    const nothing = () => steps.map(() => null);
    return {
      label, color, steps, x: this.axisOf(measure.journal), y: columns.get(measure.name) ?? nothing(),
      ...(band && columns.has(`${measure.name}_low`)
        ? { low: columns.get(`${measure.name}_low`), high: columns.get(`${measure.name}_high`) } : {}),
    };
  }

  private axisOf(journal: Journal): Numbers {
    const known = this.axes.get(journal) ?? valuesAt(this.data, journal, this.hub.x);
    this.axes.set(journal, known);
    return known;
  }

  private names(spec: ChartSpec): string[] {
    const known = this.data.names(spec.journal);
    const there = namesOf(spec.names, known);
    if (!this.back || spec.journal !== "checks") return there;
    return there.map((name) => wayBack + name).filter((name) => known.includes(name));
  }

  private options(spec: ChartSpec) {
    const lines = () => {
      const names = this.names(spec);
      const colors = colorsOf(names);
      const drawn = names.map((name, index) => {
        const line = this.line({ name, journal: spec.journal }, measureName(name, true),
          colors[index], spec.band === true);
        const there = name.startsWith(wayBack) ? name.slice(wayBack.length) : name;
        line.dashed = spec.dashed?.includes(there);
        if (spec.spread) addSpread(line, this.data.view("steps").columns.get(name.replace(/mean$/, "spread")));
        return line;
      });
      return drawn.filter((line) => !spec.onlyAboveZero || line.y.some((value) => (value ?? 0) > 0));
    };
    return { key: spec.key, title: say(spec.title), log: spec.log, share: spec.share, reference: spec.reference, lines,
      sources: () => [{ data: this.data, journal: spec.journal, names: this.fileNames(spec) }] };
  }

  private fileNames(spec: ChartSpec): string[] {
    const known = this.data.names(spec.journal);
    return this.names(spec).flatMap((name) => [name, `${name}_low`, `${name}_high`,
      ...(spec.spread ? [name.replace(/mean$/, "spread")] : [])]).filter((name) => known.includes(name));
  }
}

function addSpread(line: Line, spread: Numbers | undefined) {
  if (!spread) return;
  const around = (sign: number) => line.y.map((mean, row) => {
    const wide = spread[row];
    return mean === null || wide === null || wide === undefined ? null : mean + sign * wide;
  });
  line.low = around(-1);
  line.high = around(1);
}
