import { numbersFile, pictureFile, type FileSource } from "./chart_file";
import { make } from "./dom";
import {
  isOrdered, joined, logarithmTicks, percentiles, roundTicks, smoothed, weightLeft, xOfStep,
  type Joined, type Line, type Numbers,
} from "./lines";
import { measureName } from "./measures";
import { short, whole } from "./numbers";
import { Plot, type Curve, type PlotState } from "./plot";
import { remember, remembered } from "./preferences";
import { say } from "./texts";
import { onTheme } from "./theme";
import type { Follower, Hub } from "./hub";

export interface ChartOptions {
  key: string;
  title: string;
  /** Whether its scale is logarithmic until the person chooses. */
  log?: boolean;
  /** Shares: the scale goes from 0 to 1. */
  share?: boolean;
  /** A value that is drawn as a line across. */
  reference?: number;
  lines: () => Line[];
  sources: () => FileSource[];
  remove?: () => void;
}

/** A card with one chart: its title, its curves with their values, and what can be done with it. */
export class Chart implements Follower {
  readonly element: HTMLElement;
  private readonly place = make("div", { class: "plot" });
  private readonly keys = make("div", { class: "keys" });
  private readonly where = make("span", { class: "where" });
  private readonly remark = make("div", { class: "remark soft small" });
  private readonly logButton: HTMLButtonElement;
  private readonly hidden = new Set<string>();
  private readonly plot: Plot;
  private lines: Line[] = [];
  private joined: Joined = { x: [], steps: [], columns: [] };
  private values: { line: Line; element: HTMLElement }[] = [];
  private log: boolean;
  private inSight = false;
  private stale = true;
  private readonly observer: IntersectionObserver;
  private readonly forgetTheme: () => void;

  constructor(private readonly options: ChartOptions, private readonly hub: Hub) {
    this.log = remembered(`log.${options.key}`, options.log ?? false);
    this.logButton = make("button", { class: "small-button", title: say("charts.log-help"),
      click: () => this.switchLog() }, say("charts.log"));
    this.element = make("figure", { class: "chart panel", "data-chart": options.key },
      make("figcaption", {},
        make("b", {}, options.title),
        make("span", { class: "chart-tools" }, this.logButton,
          make("button", { class: "small-button", title: say("charts.svg-help"), "aria-label": say("charts.svg-help"),
            click: () => this.savePicture() }, "SVG"),
          make("button", { class: "small-button", title: say("charts.csv-help"), "aria-label": say("charts.csv-help"),
            click: () => void this.saveNumbers() }, "CSV"),
          options.remove && make("button", { class: "small-button", title: say("charts.remove"),
            "aria-label": say("charts.remove"), click: options.remove }, "×"))),
      make("div", { class: "plot-place" }, this.place, this.where), this.keys, this.remark);
    this.plot = new Plot(this.place, hub, this, say("charts.label", { title: options.title }));
    this.observer = new IntersectionObserver((entries) => {
      this.inSight = entries[entries.length - 1].isIntersecting;
      if (this.inSight && this.stale) this.draw();
    }, { rootMargin: "200px" });
    this.observer.observe(this.element);
    this.forgetTheme = onTheme(() => {
      this.plot.forgetColors();
      this.update();
    });
    hub.add(this);
  }

  destroy() {
    this.observer.disconnect();
    this.forgetTheme();
    this.hub.remove(this);
    this.plot.destroy();
    this.element.remove();
  }

  /** Takes new numbers; returns whether there are any. */
  take(): boolean {
    this.lines = this.options.lines().filter((line) => line.y.some((value) => value !== null));
    this.joined = joined(this.lines);
    this.stale = true;
    this.element.hidden = this.lines.length === 0 && !this.options.remove;
    this.logButton.setAttribute("aria-pressed", String(this.log));
    return this.lines.length > 0;
  }

  readonly update = () => {
    this.stale = true;
    if (this.inSight) this.draw();
  };

  extent(): [number, number] | null {
    const { x } = this.joined;
    return x.length > 0 ? [x[0], x[x.length - 1]] : null;
  }

  point(x: number | null) {
    if (this.inSight && !this.element.hidden) this.plot.point(x);
  }

  /** The plot was pointed at, by the person or by way of another chart. */
  readonly pointed = (index: number | null) => {
    if (this.stale) return;
    this.where.textContent = index === null ? "" : this.whereText(index);
    for (const { line, element } of this.values) element.textContent = short(this.valueAt(line, index));
  };

  private whereText(index: number): string {
    const step = `${measureName("step")} ${whole(this.joined.steps[index])}`;
    if (this.hub.x.name === "step") return step;
    return `${step} · ${measureName(this.hub.x.name)} ${short(this.joined.x[index])}`;
  }

  /** A line's value at a row of the chart, or that of its nearest row; its last one where nothing is pointed at. */
  private valueAt(line: Line, index: number | null): number | null {
    if (index === null) return line.y.reduce<number | null>((last, value) => value ?? last, null);
    const column = this.joined.columns[this.lines.indexOf(line)].y;
    return column[this.plot.nearest(column, index)] ?? null;
  }

  private draw() {
    this.stale = false;
    if (this.element.hidden) return;
    this.drawKeys();
    this.plot.draw(this.state());
    this.pointed(null);
  }

  private readonly scaled = (value: number | null | undefined) => {
    if (value === null || value === undefined || !this.log) return value;
    return value > 0 ? Math.log10(value) : null;
  };

  private state(): PlotState {
    const { hub } = this;
    const curves: Curve[] = [];
    let notPositive = 0;
    const smooth = isOrdered(hub.x) && hub.smoothing > 0 && this.smooth(hub.smoothing);
    for (const [index, line] of this.lines.entries()) {
      if (this.hidden.has(line.label)) continue;
      if (this.log) notPositive += line.y.filter((value) => value !== null && value <= 0).length;
      const drawn = smooth ? smooth.columns[index] : this.joined.columns[index];
      const shared = { color: line.color, dashed: line.dashed };
      if (smooth) curves.push({ ...shared, faint: true, y: this.joined.columns[index].y.map(this.scaled) });
      curves.push({ ...shared, y: drawn.y.map(this.scaled), low: drawn.low?.map(this.scaled),
        high: drawn.high?.map(this.scaled) });
    }
    const x = hub.visible();
    const { range, outside } = this.heights(curves, x);
    this.remark.textContent = [
      outside > 0 ? say("charts.outside", { count: whole(outside) }) : "",
      notPositive > 0 ? say("charts.not-positive", { count: whole(notPositive) }) : "",
    ].filter(Boolean).join(" · ");
    const reference = this.scaled(this.options.reference) ?? undefined;
    return {
      x: this.joined.x, steps: this.joined.steps, curves, range: x, heights: range, reference, clipped: outside > 0,
      ordered: isOrdered(hub.x), marked: this.markedX(),
      ticks: (count) => (this.log ? logarithmTicks : roundTicks)(range[0], range[1], count),
      tickText: (tick) => short(this.log ? 10 ** tick : tick),
    };
  }

  private markedX(): number | null {
    const { marked, x } = this.hub;
    if (marked === null || x.name === "step") return marked;
    return this.hub.placeOf(marked) ?? xOfStep(this.joined.steps, this.joined.x, marked);
  }

  /** The curves smoothed, unless that would change next to nothing. */
  private smooth(strength: number): Joined | null {
    const left = Math.max(...this.lines.map((line) => weightLeft(strength, line.y.length)));
    if (left < 0.05) return null;
    const soft = (values: Numbers, rows: number) => smoothed(values, weightLeft(strength, rows));
    return joined(this.lines.map((line) => {
      const rows = line.y.length;
      return { ...line, y: soft(line.y, rows), low: line.low && soft(line.low, rows),
        high: line.high && soft(line.high, rows) };
    }));
  }

  /** What the y axis holds, and how many values lie outside. */
  private heights(curves: Curve[], [from, to]: [number, number]): { range: [number, number]; outside: number } {
    const { x } = this.joined;
    const inSight: number[] = [];
    let low = Infinity;
    let high = -Infinity;
    for (const curve of curves) {
      for (let i = 0; i < x.length; ++i) {
        if (x[i] < from || x[i] > to) continue;
        const value = curve.y[i];
        if (value === null || value === undefined) continue;
        inSight.push(value);
        low = Math.min(low, value, curve.low?.[i] ?? value);
        high = Math.max(high, value, curve.high?.[i] ?? value);
      }
    }
    if (inSight.length === 0) return { range: [0, 1], outside: 0 };
    let outside = 0;
    if (this.hub.clip && inSight.length > 20) {
      [low, high] = percentiles(inSight, 0.01, 0.99);
      outside = inSight.filter((value) => value < low || value > high).length;
    } else if (this.options.share && !this.log) {
      [low, high] = [Math.min(low, 0), Math.max(high, 1)];
    }
    if (this.options.reference !== undefined && !this.log) {
      [low, high] = [Math.min(low, this.options.reference), Math.max(high, this.options.reference)];
    }
    const margin = (high - low) * 0.05 || Math.abs(high) * 0.1 || 0.1;
    return { range: [low - margin, high + margin], outside };
  }

  private drawKeys() {
    this.values = [];
    this.keys.replaceChildren(...this.lines.map((line) => {
      const value = make("span", { class: "key-value" });
      this.values.push({ line, element: value });
      return make("button", {
        class: `key${line.dashed ? " dashed" : ""}`, style: `--tone: var(--${line.color})`,
        "aria-pressed": String(!this.hidden.has(line.label)), click: () => this.switchLine(line.label),
      }, make("i"), line.label, value);
    }));
  }

  private switchLine(label: string) {
    if (!this.hidden.delete(label)) this.hidden.add(label);
    const place = [...this.keys.children].indexOf(document.activeElement as Element);
    this.draw();
    if (place >= 0) (this.keys.children[place] as HTMLElement).focus();
  }

  private switchLog() {
    this.log = !this.log;
    remember(`log.${this.options.key}`, this.log);
    this.logButton.setAttribute("aria-pressed", String(this.log));
    this.draw();
  }

  private savePicture() {
    pictureFile(this.options.title, this.state(), this.lines.filter(({ label }) => !this.hidden.has(label)),
      measureName(this.hub.x.name));
  }

  private async saveNumbers() {
    try {
      const remark = await numbersFile(this.options.key, this.options.title, this.options.sources(), this.hub);
      if (remark) this.remark.textContent = remark;
    } catch (error) {
      this.remark.textContent = say("charts.failed", { reason: (error as Error).message });
    }
  }
}
