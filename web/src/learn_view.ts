import { make } from "./dom";
import { color, onTheme } from "./theme";
import type { Points, PointsPreview, RealPoints } from "./types";

/** What can be drawn, from the ground up. */
export const layers = ["field", "manifold", "reals", "fakes"] as const;
export type Layer = typeof layers[number];

/** All that moves from step to step, as numbers in a row; NaN where there is none. */
interface Scene {
  bounds: [number, number];
  fakes: Float64Array;
  manifold: Float64Array;
  /** Of the manifold. */
  columns: number;
  field: Float64Array;
}

type Rgb = [number, number, number];

const moveMilliseconds = 250;
const stillness = matchMedia("(prefers-reduced-motion: reduce)");
/** How far the field goes from the ground's colour to that of real or fake. */
const fieldStrength = 0.55;
/** A cell of the manifold as large as this share of the picture's side squared has the opacity of `cellOpacity`. */
const cellShare = 1 / 24;
const cellOpacity = 0.1;
const mostCellOpacity = 0.3;

const dotsATurn = 50;
const none = new Float64Array();

const numbers = (values: (number | null)[]) => Float64Array.from(values, (value) => value ?? NaN);
const flat = (points: Points) => numbers(points.flat());

function between(from: Float64Array, to: Float64Array, share: number): Float64Array {
  if (from.length !== to.length) return to;
  return to.map((value, i) => (Number.isNaN(from[i]) ? value : from[i] + share * (value - from[i])));
}

function rgb(name: string): Rgb {
  const text = color(name);
  return [1, 3, 5].map((at) => parseInt(text.slice(at, at + 2), 16)) as Rgb;
}

const mixed = (one: Rgb, other: Rgb, share: number) => one.map((value, i) => value + share * (other[i] - value)) as Rgb;
const css = (hue: Rgb, opacity: number) => `rgb(${hue.join(" ")} / ${opacity})`;

/** Real points, samples, field and manifold in one picture; from one step to the next, what is drawn moves. */
export class LearnView {
  readonly element = make("canvas", { class: "learn-view", role: "img" });
  private readonly fieldPicture = make("canvas");
  private readonly sizes = new ResizeObserver(() => this.fit());
  private readonly forgetTheme = onTheme(() => this.draw());
  private chosen = new Set<Layer>();
  private reals = none;
  private scene: Scene | null = null;
  private frame = 0;

  constructor() {
    this.sizes.observe(this.element);
  }

  destroy() {
    cancelAnimationFrame(this.frame);
    this.sizes.disconnect();
    this.forgetTheme();
  }

  /** `words`: what is seen then. */
  choose(chosen: Set<Layer>, words: string) {
    this.element.setAttribute("aria-label", words);
    this.chosen = chosen;
    this.draw();
  }

  showReals({ reals }: RealPoints) {
    this.reals = flat(reals);
    this.draw();
  }

  /** Moves what is drawn to another preview; returns how many samples lie outside the picture. */
  show({ bounds, fakes, field, manifold }: PointsPreview): number {
    this.moveTo({ bounds, fakes: flat(fakes), manifold: flat(manifold.points), columns: manifold.columns,
      field: numbers(field?.p_real ?? []) });
    const isInside = (value: number | null) => value !== null && value >= bounds[0] && value <= bounds[1];
    return fakes.filter(([x, y]) => !isInside(x) || !isInside(y)).length;
  }

  private moveTo(target: Scene) {
    cancelAnimationFrame(this.frame);
    const from = this.scene;
    if (!from || stillness.matches || document.hidden) {
      this.scene = target;
      this.draw();
      return;
    }
    const begun = performance.now();
    const move = (now: number) => {
      const share = Math.min(1, Math.max(0, now - begun) / moveMilliseconds);
      const eased = share * share * (3 - 2 * share);
      this.scene = share === 1 ? target : {
        ...target,
        fakes: between(from.fakes, target.fakes, eased),
        manifold: between(from.manifold, target.manifold, eased),
        field: between(from.field, target.field, eased),
      };
      this.draw();
      if (share < 1) this.frame = requestAnimationFrame(move);
    };
    this.frame = requestAnimationFrame(move);
  }

  /** As many pixels as the screen has there. */
  private fit() {
    const side = Math.round(this.element.clientWidth * devicePixelRatio);
    if (side === 0 || this.element.width === side) return;
    this.element.width = this.element.height = side;
    this.draw();
  }

  private draw() {
    const context = this.element.getContext("2d");
    const { scene, chosen } = this;
    if (!context || !scene) return;
    const side = this.element.width;
    const [low, high] = scene.bounds;
    const scale = side / (high - low);
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, side, side);
    const paper = rgb("paper"), real = rgb("real"), fake = rgb("fake");
    context.fillStyle = css(paper, 1);
    context.fillRect(0, 0, side, side);
    if (chosen.has("field")) this.drawField(context, scene.field, paper, real, fake);
    // From here on in pixels from the lower left corner of the bounds.
    const place = (points: Float64Array) =>
      points.map((value, i) => (i % 2 === 0 ? value - low : high - value) * scale);
    if (chosen.has("manifold")) drawManifold(context, place(scene.manifold), scene.columns, fake);
    const reals = chosen.has("reals") ? place(this.reals) : none;
    const fakes = chosen.has("fakes") ? place(scene.fakes) : none;
    // By turns, so that where many lie in one place, both are seen.
    for (let first = 0; first < Math.max(reals.length, fakes.length); first += 2 * dotsATurn) {
      drawDots(context, reals.subarray(first, first + 2 * dotsATurn), real, paper);
      drawDots(context, fakes.subarray(first, first + 2 * dotsATurn), fake, paper);
    }
  }

  private drawField(context: CanvasRenderingContext2D, field: Float64Array, paper: Rgb, real: Rgb, fake: Rgb) {
    const side = Math.round(Math.sqrt(field.length));
    if (side === 0) return;
    this.fieldPicture.width = this.fieldPicture.height = side;
    const small = this.fieldPicture.getContext("2d");
    if (!small) return;
    const image = small.createImageData(side, side);
    field.forEach((p, i) => {
      const hue = Number.isNaN(p) ? paper : mixed(paper, p < 0.5 ? fake : real, Math.abs(2 * p - 1) * fieldStrength);
      image.data.set([...hue, 255], 4 * i);
    });
    small.putImageData(image, 0, 0);
    context.imageSmoothingEnabled = true;
    context.imageSmoothingQuality = "high";
    context.drawImage(this.fieldPicture, 0, 0, context.canvas.width, context.canvas.width);
  }
}

/** The warped grid: each cell the darker, the smaller it became, for as many samples share less room. */
function drawManifold(context: CanvasRenderingContext2D, places: Float64Array, columns: number, hue: Rgb) {
  const rows = places.length / 2 / columns;
  const x = (row: number, column: number) => places[2 * (row * columns + column)];
  const y = (row: number, column: number) => places[2 * (row * columns + column) + 1];
  const usual = (context.canvas.width * cellShare) ** 2;
  for (let row = 0; row + 1 < rows; ++row) {
    for (let column = 0; column + 1 < columns; ++column) {
      const corners = [[row, column], [row, column + 1], [row + 1, column + 1], [row + 1, column]] as const;
      const area = Math.abs(corners.reduce((sum, [i, j], at) => {
        const [k, l] = corners[(at + 1) % 4];
        return sum + x(i, j) * y(k, l) - x(k, l) * y(i, j);
      }, 0)) / 2;
      if (Number.isNaN(area)) continue;
      context.fillStyle = css(hue, Math.min(mostCellOpacity, cellOpacity * usual / Math.max(area, 1)));
      context.beginPath();
      for (const [i, j] of corners) context.lineTo(x(i, j), y(i, j));
      context.fill();
    }
  }
  context.strokeStyle = css(hue, 0.4);
  context.lineWidth = 0.75 * devicePixelRatio;
  context.beginPath();
  for (let row = 0; row < rows; ++row) {
    for (let column = 0; column < columns; ++column) {
      for (const [i, j] of [[row, column + 1], [row + 1, column]]) {
        if (i >= rows || j >= columns) continue;
        context.moveTo(x(row, column), y(row, column));
        context.lineTo(x(i, j), y(i, j));
      }
    }
  }
  context.stroke();
}

function drawDots(context: CanvasRenderingContext2D, places: Float64Array, hue: Rgb, rim: Rgb) {
  const radius = Math.max(1.5 * devicePixelRatio, context.canvas.width / 260);
  context.beginPath();
  for (let i = 0; i < places.length; i += 2) {
    if (Number.isNaN(places[i]) || Number.isNaN(places[i + 1])) continue;
    context.moveTo(places[i] + radius, places[i + 1]);
    context.arc(places[i], places[i + 1], radius, 0, 2 * Math.PI);
  }
  context.lineWidth = radius / 2;
  context.strokeStyle = css(rim, 0.7);
  context.stroke();
  context.fillStyle = css(hue, 0.85);
  context.fill();
}
