import { make } from "./dom";
import { type Answer, Job, type ModelInfo, type Options, pictureOf } from "./play_api";
import { Brush } from "./play_brush";
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
  private readonly stop = make("button", { click: () => void this.job.cancel() }, say("play.cancel"));
  private readonly working: HTMLElement;
  private readonly trouble = make("p", { class: "error small play-trouble", role: "alert" });
  private readonly result = make("div", { class: "play-result", "aria-live": "polite" });
  private readonly brush = new Brush(() => void this.run());
  private readonly before = make("img", { alt: say("play.before") });
  private file: Blob | null = null;

  constructor(private readonly job: Job, private readonly model: ModelInfo) {
    for (const task of imageTasks) {
      if (model.tasks.includes(task)) {
        this.task.append(make("option", { value: task }, sayIfKnown(`play.task.${task}`, task)));
      }
    }
    for (const way of model.directions) this.direction.append(make("option", { value: way }, way.replace("2", " → ")));
    this.directionRow = make("div", { class: "play-row" }, make("label", { for: "play-way" }, say("play.way")), this.direction);
    this.working = make("div", { class: "play-row play-working" }, this.bar, this.stop);
    this.working.style.visibility = "hidden";
    job.onProgress = (done) => { this.bar.value = done; };
    const chooser = make("input", { type: "file", id: "play-file", accept: "image/png,image/jpeg,image/webp",
      change: () => this.take(chooser.files?.[0]) });
    this.element = make("div", { class: "play-image",
      dragover: (event: DragEvent) => event.preventDefault(),
      drop: (event: DragEvent) => { event.preventDefault(); this.take(event.dataTransfer?.files[0]); } },
    make("div", { class: "play-row" }, make("label", { for: "play-task" }, say("play.task")), this.task),
    this.directionRow,
    make("div", { class: "play-drop" }, make("label", { for: "play-file" }, say("play.drop")), chooser),
    this.brush.element, this.working, this.trouble, this.result);
    document.addEventListener("paste", this.pasted);
    this.choose();
  }

  destroy() {
    document.removeEventListener("paste", this.pasted);
    URL.revokeObjectURL(this.before.src);
  }

  private readonly pasted = (event: ClipboardEvent) => this.take(event.clipboardData?.files[0]);

  private take(file: File | undefined) {
    if (!file) return;
    this.file = file;
    URL.revokeObjectURL(this.before.src);
    this.before.src = URL.createObjectURL(file);
    this.choose();
  }

  private choose() {
    const isRestore = this.task.value === "restore";
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

  private async run() {
    const { file } = this;
    if (!file) return;
    const task = this.task.value;
    this.tell(new Error(""));
    this.bar.value = 0;
    this.working.style.visibility = "visible";
    try {
      await this.before.decode();
      const fits = this.before.naturalWidth === this.model.width && this.before.naturalHeight === this.model.height;
      const options: Options = task === "upscale" ? {} :
        task === "translate" ? { direction: this.direction.value } : fits || task === "restore" ? {} : { resize: "crop" };
      const answer = await this.job.run(`tasks/${task}`, options, task === "restore" ? await this.brush.form() : file);
      if (answer && file === this.file && task === this.task.value) this.show(task, answer);
    } catch (error) {
      this.tell(error as Error);
    } finally {
      this.working.style.visibility = "hidden";
    }
  }

  private show(task: string, answer: Answer) {
    const made = answer.overlay ?? answer.images?.[0];
    if (!made) return;
    const after = make("img", { src: pictureOf(made), alt: say("play.after") });
    const save = make("a", { class: "button", href: after.src, download: `${task}.png` }, say("play.save"));
    const before = make("img", { src: task === "restore" ? this.brush.address() : this.before.src, alt: say("play.before") });
    const facts = answer.score === undefined ? null : make("p", {}, say("play.judged", {
      verdict: answer.verdict ?? "", score: short(answer.score), p: short(answer.p_normal ?? null) }));
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
