import { isOrdered, type Measure } from "./lines";
import { remember, remembered } from "./preferences";

/** What a chart does for the hub. */
export interface Follower {
  /** Draws anew, as something that all charts share has changed. */
  update(): void;
  /** The least and greatest x of its curves. */
  extent(): [number, number] | null;
  /** Another chart is pointed at, at this x. */
  point(x: number | null): void;
}

/** What all charts of a page share: x axis, zoom, smoothing, and where the person points. */
export class Hub {
  x: Measure = remembered<Measure>("charts.x", { name: "step", journal: "steps" });
  smoothing = remembered("charts.smoothing", 0.9);
  clip = remembered("charts.clip", false);
  /** What is zoomed into; null shows all. */
  range: [number, number] | null = null;
  /** The step whose samples are shown, marked in the charts. */
  marked: number | null = null;
  onPick: (step: number) => void = () => {};
  onRange: () => void = () => {};
  /** The x of a step, where the page knows it better than a chart does. */
  placeOf: (step: number) => number | null = () => null;
  private readonly followers = new Set<Follower>();
  private scheduled = 0;

  add(follower: Follower) {
    this.followers.add(follower);
  }

  remove(follower: Follower) {
    this.followers.delete(follower);
  }

  update() {
    cancelAnimationFrame(this.scheduled);
    this.scheduled = requestAnimationFrame(() => {
      for (const follower of this.followers) follower.update();
    });
  }

  choose(settings: { x?: Measure; smoothing?: number; clip?: boolean }) {
    if (settings.x) {
      this.x = settings.x;
      this.range = null;
      remember("charts.x", settings.x);
      this.onRange();
    }
    if (settings.smoothing !== undefined) remember("charts.smoothing", this.smoothing = settings.smoothing);
    if (settings.clip !== undefined) remember("charts.clip", this.clip = settings.clip);
    this.update();
  }

  mark(step: number | null) {
    if (step === this.marked) return;
    this.marked = step;
    this.update();
  }

  /** All that there is, over all charts. */
  whole(): [number, number] {
    let low = Infinity;
    let high = -Infinity;
    for (const follower of this.followers) {
      const extent = follower.extent();
      if (!extent) continue;
      low = Math.min(low, extent[0]);
      high = Math.max(high, extent[1]);
    }
    if (low > high) return [0, 1];
    if (low === high) return [low - 0.5, high + 0.5];
    const margin = (high - low) * (isOrdered(this.x) ? 0.008 : 0.03);
    return [low - margin, high + margin];
  }

  visible(): [number, number] {
    return this.range ?? this.whole();
  }

  zoomTo(range: [number, number] | null) {
    if (range) {
      const [low, high] = this.whole();
      const span = Math.max(range[1] - range[0], (high - low) * 1e-6);
      const start = Math.min(Math.max(range[0], low), high - span);
      this.range = span >= high - low ? null : [start, start + span];
    } else {
      this.range = null;
    }
    this.onRange();
    this.update();
  }

  /** Shows `factor` times as much, keeping `center` (or the middle) where it is. */
  zoomBy(factor: number, center?: number) {
    const [low, high] = this.visible();
    const middle = center ?? (low + high) / 2;
    this.zoomTo([middle - (middle - low) * factor, middle + (high - middle) * factor]);
  }

  /** Moves what is shown by a share of its width. */
  moveBy(share: number) {
    const [low, high] = this.visible();
    const way = (high - low) * share;
    if (this.range) this.zoomTo([low + way, high + way]);
  }

  point(x: number | null, source: Follower) {
    for (const follower of this.followers) if (follower !== source) follower.point(x);
  }
}
