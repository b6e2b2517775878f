import { make } from "./dom";
import { Frames } from "./frames";
import { say } from "./texts";

type End = "a" | "b";

/** Pictures of a walk, and where in it the slider stands. */
const walkCount = 33;

/** The way between two samples that the person picks: a slider over it, which can also play. */
export class Between {
  readonly element: HTMLElement;
  private readonly ends: Record<End, number | null> = { a: null, b: null };
  private readonly buttons: Record<End, HTMLButtonElement>;
  private readonly hint = make("p", { class: "soft small", role: "status" });
  private readonly slider = make("input", { type: "range", id: "play-between", min: 0, max: walkCount - 1, value: 0,
    disabled: true, "aria-label": say("play.between.slider"), input: () => {
      this.pause();
      void this.go(Number(this.slider.value));
    } });
  private readonly player = make("button", { class: "play", disabled: true, click: () => void this.playOrPause() });
  private readonly frames = new Frames();
  private picking: End | null = null;
  private images: string[] | null = null;
  private loading: Promise<string[] | null> | null = null;

  /** `ask` gives so many pictures from one seed to another; `show` shows one of them; `onEnds`: others are picked. */
  constructor(private readonly ask: (from: number, to: number, count: number) => Promise<string[] | null>,
    private readonly show: (image: string) => void, private readonly onEnds: () => void) {
    const button = (end: End) => make("button", { "aria-pressed": "false", click: () => this.pick(end) });
    this.buttons = { a: button("a"), b: button("b") };
    this.element = make("div", { class: "play-between" },
      make("div", { class: "play-row" }, make("label", { for: "play-between" }, say("play.between")),
        this.buttons.a, this.slider, this.buttons.b, this.player), this.hint);
    this.name();
  }

  destroy() {
    this.pause();
  }

  /** Whether a sample that is chosen now becomes an end; takes it as such. */
  take(seed: number): boolean {
    const { picking } = this;
    if (!picking) return false;
    this.ends[picking] = seed;
    this.picking = picking === "a" && this.ends.b === null ? "b" : null;
    this.forget();
    this.onEnds();
    const { a, b } = this.ends;
    if (a !== null && b !== null) void this.go(picking === "a" ? 0 : walkCount - 1);
    return true;
  }

  /** "A" or "B" where a seed is one of the ends. */
  endOf(seed: number): string {
    return (["a", "b"] as const).filter((end) => this.ends[end] === seed).join("").toUpperCase();
  }

  /** Other options give other pictures. */
  forget() {
    this.pause();
    this.images = this.loading = null;
    this.name();
  }

  pause() {
    this.frames.stop();
    this.namePlayer();
  }

  private pick(end: End) {
    this.picking = this.picking === end ? null : end;
    this.name();
  }

  private name() {
    const { a, b } = this.ends;
    for (const end of ["a", "b"] as const) {
      const seed = this.ends[end];
      const letter = end.toUpperCase();
      this.buttons[end].textContent = seed === null ? letter : `${letter}: ${seed}`;
      this.buttons[end].title = say("play.between.pick", { end: letter });
      this.buttons[end].setAttribute("aria-label", seed === null ? say("play.between.pick", { end: letter })
        : say("play.between.other", { end: letter, seed }));
      this.buttons[end].setAttribute("aria-pressed", String(this.picking === end));
    }
    const isWhole = a !== null && b !== null;
    this.slider.disabled = this.player.disabled = !isWhole;
    this.hint.textContent = this.picking ? say("play.between.now", { end: this.picking.toUpperCase() })
      : isWhole ? "" : say("play.between.hint");
    this.namePlayer();
  }

  private namePlayer() {
    const words = say(this.frames.playing ? "samples.pause" : "samples.play");
    this.player.textContent = this.frames.playing ? "❚❚" : "▶";
    this.player.title = words;
    this.player.setAttribute("aria-label", words);
  }

  private async load(): Promise<string[] | null> {
    const { a, b } = this.ends;
    if (a === null || b === null) return null;
    this.loading ??= this.ask(a, b, walkCount);
    const mine = this.loading;
    const images = await mine;
    if (mine !== this.loading) return null;
    this.images = images;
    if (!images) this.loading = null;
    return images;
  }

  private async go(index: number) {
    this.slider.value = String(index);
    const images = this.images ?? await this.load();
    // While they came, the slider may have gone on.
    if (images) this.show(images[Number(this.slider.value)]);
  }

  private async playOrPause() {
    if (this.frames.playing) {
      this.pause();
      return;
    }
    const images = this.images ?? await this.load();
    if (!images) return;
    const at = Number(this.slider.value);
    this.frames.play(at >= walkCount - 1 ? 0 : at, walkCount, (index) => {
      this.slider.value = String(index);
      this.show(images[index]);
    }, () => this.namePlayer());
    this.namePlayer();
  }
}
