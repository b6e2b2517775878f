import { make } from "./dom";
import { type Answer, Job, type ModelInfo, type Options, pictureOf } from "./play_api";
import { Brush } from "./play_brush";
import { TaskOptions } from "./play_options";
import { short } from "./numbers";
import { say, sayIfKnown } from "./texts";

export const imageTasks = ["upscale", "translate", "reconstruct", "restore", "detect"];

/** A task of the model on an image that the person brings. */
export class ImageTask {
  readonly element: HTMLElement;
  private readonly task = make("select", { id: "play-task", change: () => this.choose() });
  private readonly direction = make("select", { id: "play-way", change: () => void this.run() });
  private readonly directionRow: HTMLElement;
  private readonly bar = make("progress", { max: 1, value: 0, "aria-label": say("play.progress") });
  private readonly stop = make("button", { click: () => this.cancel() }, say("play.cancel"));
  private readonly working: HTMLElement;
  private readonly chooser: HTMLInputElement;
  private readonly trouble = make("p", { class: "error small play-trouble", role: "alert" });
  private readonly result = make("div", { class: "play-result", "aria-live": "polite" });
  private readonly brush = new Brush(() => void this.run());
  private readonly options: TaskOptions;
  private readonly before = make("img", { alt: say("play.before") });
  private file: Blob | null = null;
  private optionsOf = "";
  private runs = 0;

  constructor(private readonly job: Job, private readonly model: ModelInfo) {
    for (const task of imageTasks) {
      if (model.tasks.includes(task)) {
        this.task.append(make("option", { value: task }, sayIfKnown(`play.task.${task}`, task)));
      }
    }
    for (const way of model.directions) {
      this.direction.append(make("option", { value: way }, way.toUpperCase().replace("2", " → ")));
    }
    this.directionRow = make("div", { class: "play-row" },
      make("label", { for: "play-way" }, say("play.way")), this.direction);
    this.options = new TaskOptions(model, () => { if (this.task.value !== "restore") void this.run(); });
    this.working = make("div", { class: "play-row play-working" }, this.bar, this.stop);
    this.working.hidden = true;
    job.onProgress = (done) => { this.bar.value = done; };
    this.chooser = make("input", { type: "file", id: "play-file", accept: "image/png,image/jpeg,image/webp",
      change: () => this.take(this.chooser.files?.[0]) });
    this.element = make("div", { class: "play-image",
      dragover: (event: DragEvent) => event.preventDefault(),
      drop: (event: DragEvent) => { event.preventDefault(); this.takeOther(event.dataTransfer); } },
    make("div", { class: "play-row" }, make("label", { for: "play-task" }, say("play.task")), this.task),
    this.directionRow, this.options.element,
    make("div", { class: "play-drop" }, make("label", { for: "play-file" }, say("play.drop")), this.chooser),
    this.brush.element, this.working, this.trouble, this.result);
    document.addEventListener("paste", this.pasted);
    this.choose();
  }

  destroy() {
    document.removeEventListener("paste", this.pasted);
    URL.revokeObjectURL(this.before.src);
  }

  private readonly pasted = (event: ClipboardEvent) => this.takeOther(event.clipboardData);

  /** An image that is not the one that the chooser names. */
  private takeOther(brought: DataTransfer | null) {
    const [file] = brought?.files ?? [];
    if (file) this.chooser.value = "";
    this.take(file);
  }

  private take(file: File | undefined) {
    if (!file) return;
    this.file = file;
    URL.revokeObjectURL(this.before.src);
    this.before.src = URL.createObjectURL(file);
    this.choose();
  }

  private choose() {
    const isRestore = this.task.value === "restore";
    if (this.optionsOf !== this.task.value) this.options.choose(this.optionsOf = this.task.value);
    this.directionRow.hidden = this.task.value !== "translate" || this.model.directions.length < 2;
    this.brush.element.hidden = !isRestore || !this.file;
    this.result.replaceChildren();
    this.trouble.textContent = "";
    if (!this.file) return;
    if (isRestore) void this.brush.take(this.file, this.model).catch((error: Error) => this.tell(error));
    else void this.run();
  }

  private tell(error: Error) {
    this.trouble.textContent = error.message;
  }

  /** The model ends at the next tile or step. */
  private cancel() {
    this.stop.disabled = true;
    void this.job.cancel();
  }

  private async run() {
    const { file } = this;
    if (!file) return;
    const task = this.task.value;
    const mine = ++this.runs;
    const isLatest = () => mine === this.runs;
    this.tell(new Error(""));
    this.bar.value = 0;
    this.stop.disabled = false;
    this.working.hidden = false;
    try {
      await this.before.decode();
      const answer = await this.job.run(`tasks/${task}`, { ...this.shapeOptions(task), ...this.options.values() },
        task === "restore" ? await this.brush.form() : file);
      if (answer && isLatest() && file === this.file && task === this.task.value) this.show(task, answer);
    } catch (error) {
      if (isLatest()) this.tell(error as Error);
    } finally {
      if (isLatest()) this.working.hidden = true;
    }
  }

  /** How the image comes to the model. */
  private shapeOptions(task: string): Options {
    if (task === "translate") return { direction: this.direction.value };
    const { naturalWidth, naturalHeight } = this.before;
    const fits = naturalWidth === this.model.width && naturalHeight === this.model.height;
    return fits || task === "upscale" || task === "restore" ? {} : { resize: "crop" };
  }

  private show(task: string, answer: Answer) {
    const made = answer.overlay ?? answer.images?.[0];
    if (!made) return;
    const after = make("img", { src: pictureOf(made), alt: say("play.after") });
    const save = make("a", { class: "button", href: after.src, download: `${task}.png` }, say("play.save"));
    const before = make("img",
      { src: task === "restore" ? this.brush.address() : this.before.src, alt: say("play.before") });
    const facts = answer.score === undefined ? null : make("p", {}, say("play.judged", {
      verdict: sayIfKnown(`play.verdict.${answer.verdict}`, answer.verdict ?? ""), score: short(answer.score),
      limit: short(answer.threshold), p: short(answer.p_normal) }));
    if (task !== "upscale" && task !== "translate") {
      this.result.replaceChildren(make("div", { class: "play-pair" }, before, after), facts ?? "", save);
      return;
    }
    const divider = make("input", { type: "range", min: 0, max: 100, value: 50, "aria-label": say("play.divider"),
      input: () => { before.style.clipPath = `inset(0 ${100 - Number(divider.value)}% 0 0)`; } });
    before.style.clipPath = "inset(0 50% 0 0)";
    this.result.replaceChildren(make("div", { class: "play-over" }, after, before), divider, save);
  }
}
