import { ApiError } from "./api";
import { calmly, make } from "./dom";
import { short, whole } from "./numbers";
import { Job, pictureOf } from "./play_api";
import { say } from "./texts";
import type { RunDetails } from "./types";

interface Found {
  image: string;
  name: string;
  distance: number;
  unseen: { images: number; median: number; nearer: number; copies_below: number } | null;
  training_images: number;
  compared: number;
  notes: string[];
}

/** Of fewer unseen images that lie nearer, an image strikes the eye. */
const fewNearer = 0.05;
const calmMilliseconds = 150;
/** Runs that were asked for their training images: from then on these follow what is looked at. */
const asked = new Set<string>();

/** The training image that is most like an image that is looked at: is that one memorised? */
export class Nearest {
  readonly element: HTMLElement;
  /** The training image, to stand beside the image that is looked at. */
  readonly figure: HTMLElement;
  readonly picture = make("img", { class: "nearest-picture", alt: say("nearest.title") });
  /** Told when the figure comes or goes. */
  onFigure: () => void = () => {};
  private readonly name = make("figcaption", { class: "soft small" });
  private readonly button = make("button",
    { click: () => this.follow(this.button.getAttribute("aria-pressed") !== "true") }, say("nearest.title"));
  private readonly bar = make("progress", { max: 1, value: 0, "aria-label": say("play.progress") });
  private readonly working: HTMLElement;
  private readonly words = make("div", { class: "small", role: "status" });
  private readonly job: Job;
  private readonly search = calmly(calmMilliseconds, () => void this.run());
  private draw: (() => Promise<Blob | null>) | null = null;
  private busy = false;
  private stale = false;
  private left = false;

  constructor(private readonly id: string, private readonly shape: RunDetails["shape"] = null) {
    this.job = new Job(id);
    this.job.onProgress = (done) => { this.bar.value = done; };
    this.figure = make("figure", { class: "nearest-figure", hidden: true }, this.picture, this.name);
    this.working = make("div", { class: "nearest-working", hidden: true },
      make("span", { class: "soft small" }, say("nearest.reading")), this.bar,
      make("button", { click: () => this.follow(false) }, say("play.cancel")));
    this.element = make("div", { class: "nearest" }, this.button, this.working, this.words);
  }

  /** For a run whose pictures show samples of images alone; null for others, which have their truth beside them. */
  static of({ id, grid, shape }: RunDetails): Nearest | null {
    return grid && !grid.kinds ? new Nearest(id, shape) : null;
  }

  /** Takes another image; `draw` gives its file at the size of the training images. */
  take(draw: () => Promise<Blob | null>) {
    this.draw = draw;
    this.follow(this.follows);
  }

  /** The same of an image that stands enlarged by a whole factor. */
  takeCanvas(canvas: HTMLCanvasElement) {
    this.take(() => {
      const [, height, width] = this.shape ?? [0, canvas.height, canvas.width];
      const small = make("canvas", { width, height });
      const context = small.getContext("2d");
      if (context) context.imageSmoothingEnabled = false;
      context?.drawImage(canvas, 0, 0, width, height);
      return new Promise((resolve) => small.toBlob(resolve));
    });
  }

  destroy() {
    this.left = true;
    void this.job.cancel();
  }

  private get follows() { return asked.has(this.id); }

  private follow(follows: boolean) {
    this.button.setAttribute("aria-pressed", String(follows));
    if (follows) {
      asked.add(this.id);
      this.search();
    } else {
      asked.delete(this.id);
      void this.job.cancel();
      this.words.replaceChildren();
      this.seen(false);
    }
  }

  /** One search at a time: to end the first one, which reads the training images, would be to begin again. */
  private async run() {
    this.stale = true;
    if (this.busy) return;
    this.busy = true;
    this.bar.value = 0;
    // What takes no time needs no bar.
    const slow = setTimeout(() => { this.working.hidden = false; }, calmMilliseconds);
    while (this.stale && this.follows && !this.left) {
      this.stale = false;
      await this.lookOnce();
    }
    clearTimeout(slow);
    this.busy = false;
    this.working.hidden = true;
  }

  private async lookOnce() {
    try {
      const file = await this.draw?.();
      const found = file && await this.job.run<Found>("nearest", {}, file);
      if (found && this.follows && !this.stale) this.show(found);
    } catch (error) {
      this.tell(error as Error);
    }
  }

  private tell(error: Error) {
    this.follow(false);
    const isMissing = error instanceof ApiError && error.status === 404;
    this.words.replaceChildren(make("p", { class: "note" },
      isMissing ? say("nearest.no-data", { reason: error.message }) : error.message));
  }

  private show(found: Found) {
    this.picture.src = pictureOf(found.image);
    this.name.textContent = `${say("nearest.title")}: ${found.name}`;
    const { unseen } = found;
    const line = (words: string, kind = "") => make("p", { class: kind }, words);
    this.words.replaceChildren(
      ...(unseen ? [line(this.verdict(found), unseen.nearer < fewNearer ? "note" : "")] : []),
      line(say("nearest.distance", { distance: short(found.distance) }) + (unseen ? say("nearest.unseen", {
        images: whole(unseen.images), median: short(unseen.median), nearer: short(100 * unseen.nearer) })
        : say("nearest.alone"))),
      line(say("nearest.what", { compared: whole(found.compared), all: whole(found.training_images) }), "soft"),
      ...found.notes.map((note) => line(say("nearest.note", { note }), "note")));
    this.seen(true);
  }

  private verdict({ distance, unseen }: Found): string {
    if (!unseen) return "";
    if (distance < unseen.copies_below) return say("nearest.copy", { limit: short(unseen.copies_below) });
    return say(unseen.nearer < fewNearer ? "nearest.near" : "nearest.far");
  }

  private seen(there: boolean) {
    this.figure.hidden = !there;
    this.onFigure();
  }
}
