import uPlot from "uplot";
import { color } from "./theme";
import { short } from "./numbers";
import type { Hub, Follower } from "./hub";

type Column = (number | null | undefined)[];

/** A curve as it is drawn: in the scale of the chart. */
export interface Curve {
  color: string;
  y: Column;
  low?: Column;
  high?: Column;
  faint?: boolean;
  dashed?: boolean;
}

/** All that a plot shows at one moment. */
export interface PlotState {
  x: number[];
  steps: number[];
  curves: Curve[];
  range: [number, number];
  heights: [number, number];
  reference?: number;
  /** Whether values lie outside of `heights` on purpose; they are marked at the edge. */
  clipped: boolean;
  /** Whether curves run from left to right; else each row is a point, joined in the order of steps. */
  ordered: boolean;
  /** An x that is marked by a line. */
  marked: number | null;
  ticks: (count: number) => number[];
  tickText: (tick: number) => string;
}

interface Owner extends Follower {
  pointed: (index: number | null) => void;
}

const height = 184;
const clickPixels = 4;

/** The canvas of a chart: drawing, pointing, zooming. */
export class Plot {
  private chart: uPlot | null = null;
  private state: PlotState | null = null;
  private drawn = "";
  private own = false;
  private readonly colors = new Map<string, string>();
  private readonly sizes: ResizeObserver;

  constructor(private readonly place: HTMLElement, private readonly hub: Hub,
    private readonly owner: Owner, label: string) {
    place.tabIndex = 0;
    place.setAttribute("role", "group");
    place.setAttribute("aria-label", label);
    place.addEventListener("keydown", this.pressed);
    place.addEventListener("blur", () => this.show(null));
    this.sizes = new ResizeObserver(() => this.chart?.setSize({ width: place.clientWidth, height }));
    this.sizes.observe(place);
  }

  destroy() {
    this.sizes.disconnect();
    this.chart?.destroy();
  }

  forgetColors() {
    this.colors.clear();
    this.drawn = "";
  }

  draw(state: PlotState) {
    this.state = state;
    const columns: Column[] = [];
    for (const curve of state.curves) {
      columns.push(curve.y);
      if (curve.low && curve.high) columns.push(curve.high, curve.low);
    }
    const data = [state.x, ...columns] as uPlot.AlignedData;
    const shape = JSON.stringify([state.ordered,
      state.curves.map((curve) => [curve.color, curve.faint, curve.dashed, Boolean(curve.low), isAlone(curve)])]);
    if (!this.chart || shape !== this.drawn) {
      this.drawn = shape;
      this.chart?.destroy();
      this.chart = new uPlot(this.options(state), data, this.place);
    } else {
      this.chart.setData(data, false);
    }
    const [min, max] = state.range;
    this.chart.batch(() => {
      this.chart?.setScale("x", { min, max });
      this.chart?.setScale("y", { min: state.heights[0], max: state.heights[1] });
    });
    this.chart.redraw(false, true);
  }

  /** The row nearest to `index` where a column has a value. */
  nearest(column: Column, index: number): number {
    for (let away = 0; away < column.length; ++away) {
      if (column[index - away] !== null && column[index - away] !== undefined) return index - away;
      if (column[index + away] !== null && column[index + away] !== undefined) return index + away;
    }
    return index;
  }

  /** Points at an x that another chart is pointed at. */
  point(x: number | null) {
    const { chart } = this;
    if (!chart) return;
    const left = x === null ? -10 : chart.valToPos(x, "x");
    chart.setCursor({ left: left > chart.over.clientWidth ? -10 : left, top: left < 0 ? -10 : 5 }, false);
    this.owner.pointed(left >= 0 ? chart.cursor.idx ?? null : null);
  }

  private hue(name: string): string {
    const known = this.colors.get(name) ?? color(name);
    this.colors.set(name, known);
    return known;
  }

  private options(state: PlotState): uPlot.Options {
    const series: uPlot.Series[] = [{}];
    const bands: uPlot.Band[] = [];
    for (const curve of state.curves) {
      const tone = this.hue(curve.color);
      series.push({
        stroke: curve.faint ? `${tone}40` : tone, width: curve.faint ? 1 : 1.5, spanGaps: false,
        dash: curve.dashed ? [5, 4] : undefined, ...(state.ordered ? {} : { paths: () => null }),
        points: state.ordered && !isAlone(curve)
          ? { size: 5, ...(curve.faint || curve.dashed ? { show: false } : {}) }
          : { show: true, size: state.ordered ? 9 : 5, fill: curve.dashed ? this.hue("paper") : tone },
      });
      if (!curve.low) continue;
      bands.push({ series: [series.length, series.length + 1], fill: `${tone}2e` });
      for (let i = 0; i < 2; ++i) series.push({ stroke: "transparent", points: { show: false }, width: 0 });
    }
    const axis = { stroke: this.hue("soft"), font: "11px system-ui, sans-serif", ticks: { show: false },
      grid: { stroke: this.hue("line"), width: 1 } };
    return {
      width: this.place.clientWidth, height, series, bands, legend: { show: false }, padding: [8, 20, 0, 0],
      scales: { x: { time: false, auto: false, range: (_, min, max) => [min, max] },
        y: { auto: false, range: (_, min, max) => [min, max] } },
      axes: [
        { ...axis, size: 20, gap: 4, space: 70, values: (_, ticks) => ticks.map((tick) => short(tick)) },
        { ...axis, size: 54, gap: 4, splits: () => this.state?.ticks(5) ?? [],
          values: (_, ticks) => ticks.map((tick) => this.state?.tickText(tick) ?? "") },
      ],
      cursor: {
        y: false, drag: { x: true, y: false, setScale: false },
        points: { size: 7 },
        dataIdx: (chart, index, row) => (index === 0 ? row : this.nearest(chart.data[index] as Column, row)),
        bind: {
          dblclick: () => () => { this.hub.zoomTo(null); return null; },
          mousedown: (_chart, _target, handler) => (event) => this.pressedDown(event, handler),
        },
      },
      hooks: {
        ready: [(chart) => this.listen(chart)],
        setCursor: [(chart) => this.moved(chart)],
        setSelect: [(chart) => this.selected(chart)],
        drawAxes: [(chart) => this.drawBehind(chart)],
        draw: [(chart) => this.drawAbove(chart)],
      },
    };
  }

  private listen(chart: uPlot) {
    let down: [number, number] = [0, 0];
    chart.over.addEventListener("mouseenter", () => { this.own = true; });
    chart.over.addEventListener("mouseleave", () => {
      this.own = false;
      this.show(null);
    });
    chart.over.addEventListener("mousedown", (event) => { down = [event.clientX, event.clientY]; });
    chart.over.addEventListener("click", (event) => {
      const far = Math.hypot(event.clientX - down[0], event.clientY - down[1]) > clickPixels;
      const row = chart.posToIdx(event.offsetX);
      const step = this.state?.steps[row];
      if (!far && !event.shiftKey && step !== undefined) this.hub.onPick(step);
    });
    chart.over.addEventListener("wheel", (event) => {
      if (!event.ctrlKey && !event.metaKey) return;
      event.preventDefault();
      this.hub.zoomBy(event.deltaY > 0 ? 1.25 : 0.8, chart.posToVal(event.offsetX, "x"));
    }, { passive: false });
  }

  private pressedDown(event: MouseEvent, handler: (event: MouseEvent) => null): null {
    if (!event.shiftKey) return handler(event);
    let last = event.clientX;
    const width = this.chart?.over.clientWidth ?? 1;
    const move = (moved: MouseEvent) => {
      this.hub.moveBy((last - moved.clientX) / width);
      last = moved.clientX;
    };
    document.addEventListener("mousemove", move);
    document.addEventListener("mouseup", () => document.removeEventListener("mousemove", move), { once: true });
    return null;
  }

  private moved(chart: uPlot) {
    if (!this.own) return;
    const { left, idx } = chart.cursor;
    if (left === undefined || left < 0) return;
    this.owner.pointed(idx ?? null);
    this.hub.point(chart.posToVal(left, "x"), this.owner);
  }

  private selected(chart: uPlot) {
    const { left, width } = chart.select;
    if (width <= clickPixels) return;
    chart.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
    this.hub.zoomTo([chart.posToVal(left, "x"), chart.posToVal(left + width, "x")]);
  }

  /** Points at a row of this chart, and at the same x in all others. */
  private show(row: number | null) {
    const x = row === null ? null : this.state?.x[row] ?? null;
    this.point(x);
    this.hub.point(x, this.owner);
  }

  private readonly pressed = (event: KeyboardEvent) => {
    const { chart, state } = this;
    if (!chart || !state || state.x.length === 0) return;
    const [low, high] = state.range;
    const row = chart.cursor.idx ?? null;
    const way = event.shiftKey ? 10 : 1;
    const inside = (next: number) => {
      const first = state.x.findIndex((x) => x >= low);
      let last = state.x.length - 1;
      while (last > first && state.x[last] > high) --last;
      this.show(Math.min(Math.max(next, first), last));
    };
    const actions: Record<string, () => void> = {
      ArrowLeft: () => inside((row ?? state.x.length) - way),
      ArrowRight: () => inside((row ?? -1) + way),
      Home: () => inside(0),
      End: () => inside(state.x.length - 1),
      Enter: () => { if (row !== null) this.hub.onPick(state.steps[row]); },
      "+": () => this.hub.zoomBy(0.5, row === null ? undefined : state.x[row]),
      "-": () => this.hub.zoomBy(2),
      Escape: () => this.hub.zoomTo(null),
    };
    const action = actions[event.key];
    if (!action || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    action();
  };

  private drawBehind(chart: uPlot) {
    const { state } = this;
    if (!state) return;
    const { ctx, bbox } = chart;
    ctx.save();
    ctx.lineWidth = devicePixelRatio;
    const x = state.marked;
    if (x !== null && x >= state.range[0] && x <= state.range[1]) {
      const left = chart.valToPos(x, "x", true);
      ctx.strokeStyle = this.hue("accent");
      ctx.globalAlpha = 0.55;
      ctx.setLineDash([]);
      stroke(ctx, [[left, bbox.top], [left, bbox.top + bbox.height]]);
    }
    ctx.restore();
  }

  private drawReference(chart: uPlot, { reference, heights }: PlotState) {
    if (reference === undefined || reference < heights[0] || reference > heights[1]) return;
    const { ctx, bbox } = chart;
    const y = chart.valToPos(reference, "y", true);
    ctx.save();
    ctx.lineWidth = devicePixelRatio;
    ctx.strokeStyle = this.hue("soft");
    ctx.setLineDash([3 * devicePixelRatio, 3 * devicePixelRatio]);
    stroke(ctx, [[bbox.left, y], [bbox.left + bbox.width, y]]);
    ctx.restore();
  }

  private drawAbove(chart: uPlot) {
    const { state } = this;
    if (!state) return;
    this.drawReference(chart, state);
    for (const curve of state.curves) if (isAlone(curve)) this.drawInterval(chart, state, curve);
    if (!state.ordered) this.drawCourse(chart, state);
    if (state.clipped) this.drawOutside(chart, state);
  }

  /** The interval of a value that has none beside it to span a band with. */
  private drawInterval(chart: uPlot, state: PlotState, { color, low, high }: Curve) {
    const { ctx } = chart;
    ctx.save();
    ctx.lineWidth = 2 * devicePixelRatio;
    ctx.strokeStyle = this.hue(color);
    for (const [row, from] of (low ?? []).entries()) {
      const to = high?.[row];
      if (typeof from !== "number" || typeof to !== "number") continue;
      const left = chart.valToPos(state.x[row], "x", true);
      stroke(ctx, [from, to].map((value) => [left, chart.valToPos(value, "y", true)]));
    }
    ctx.restore();
  }

  /** Joins points in the order of steps. */
  private drawCourse(chart: uPlot, state: PlotState) {
    const { ctx, bbox } = chart;
    const order = state.steps.map((_, row) => row).sort((one, other) => state.steps[one] - state.steps[other]);
    ctx.save();
    ctx.beginPath();
    ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
    ctx.clip();
    ctx.globalAlpha = 0.35;
    ctx.lineWidth = devicePixelRatio;
    for (const curve of state.curves) {
      ctx.strokeStyle = this.hue(curve.color);
      stroke(ctx, order.filter((row) => typeof curve.y[row] === "number").map((row) =>
        [chart.valToPos(state.x[row], "x", true), chart.valToPos(curve.y[row] as number, "y", true)]));
    }
    ctx.restore();
  }

  /** Triangles at the edge for what lies outside. */
  private drawOutside(chart: uPlot, state: PlotState) {
    const { ctx, bbox } = chart;
    const size = 4 * devicePixelRatio;
    ctx.save();
    for (const curve of state.curves) {
      ctx.fillStyle = this.hue(curve.color);
      let before = -Infinity;
      for (const [row, value] of curve.y.entries()) {
        if (typeof value !== "number" || state.x[row] < state.range[0] || state.x[row] > state.range[1]) continue;
        const above = value > state.heights[1];
        if (!above && value >= state.heights[0]) continue;
        const left = chart.valToPos(state.x[row], "x", true);
        if (left - before < size) continue;
        before = left;
        const tip = above ? bbox.top : bbox.top + bbox.height;
        const foot = above ? tip + 1.6 * size : tip - 1.6 * size;
        ctx.beginPath();
        ctx.moveTo(left, tip);
        ctx.lineTo(left - size, foot);
        ctx.lineTo(left + size, foot);
        ctx.fill();
      }
    }
    ctx.restore();
  }
}

/** Whether a curve has but one value, which makes no line. */
export const isAlone = ({ y }: Curve) => y.filter((value) => typeof value === "number").length === 1;

function stroke(ctx: CanvasRenderingContext2D, points: number[][]) {
  ctx.beginPath();
  for (const [x, y] of points) ctx.lineTo(x, y);
  ctx.stroke();
}
