import { make } from "./dom";
import type { ModelInfo } from "./play_api";
import { say } from "./texts";

/** Where the person marks what of an image is to be filled. */
export class Brush {
  readonly element: HTMLElement;
  private readonly image = make("canvas", { class: "play-canvas" });
  private readonly mask = make("canvas",
    { class: "play-canvas play-mask", "aria-label": say("play.mask"), role: "img" });
  private readonly size = make("input", { type: "range", id: "play-brush", min: 2, max: 50, value: 15 });
  private readonly erase = make("input", { type: "checkbox", id: "play-erase" });

  constructor(fill: () => void) {
    const draw = (event: PointerEvent) => { if (event.buttons) this.dab(event); };
    this.mask.addEventListener("pointerdown", (event) => {
      this.mask.setPointerCapture(event.pointerId);
      draw(event);
    });
    this.mask.addEventListener("pointermove", draw);
    this.element = make("div", { class: "play-brush" }, make("div", { class: "play-over" }, this.image, this.mask),
      make("div", { class: "play-row" }, make("label", { for: "play-brush" }, say("play.brush")), this.size),
      make("div", { class: "play-row" }, make("label", { for: "play-erase" }, say("play.erase")), this.erase,
        make("button", { click: () => this.clear() }, say("play.clear")),
        make("button", { class: "primary", click: fill }, say("play.fill"))));
  }

  /** Shows the middle of the image at the model's size. */
  async take(file: Blob, model: ModelInfo) {
    const picture = await createImageBitmap(file);
    for (const canvas of [this.image, this.mask]) {
      canvas.width = model.width || picture.width;
      canvas.height = model.height || picture.height;
    }
    const { width, height } = this.image;
    const scale = Math.max(width / picture.width, height / picture.height);
    this.image.getContext("2d")?.drawImage(picture, (width - picture.width * scale) / 2,
      (height - picture.height * scale) / 2, picture.width * scale, picture.height * scale);
  }

  address = () => this.image.toDataURL();

  /** Image and mask as the server wants them. */
  async form(): Promise<FormData> {
    const mask = make("canvas", { width: this.mask.width, height: this.mask.height });
    const context = mask.getContext("2d");
    context?.drawImage(this.mask, 0, 0);
    if (context) {
      const pixels = context.getImageData(0, 0, mask.width, mask.height);
      for (let at = 0; at < pixels.data.length; at += 4) {
        pixels.data.fill(pixels.data[at + 3] > 127 ? 255 : 0, at, at + 3);
        pixels.data[at + 3] = 255;
      }
      context.putImageData(pixels, 0, 0);
    }
    const form = new FormData();
    for (const [name, canvas] of [["image", this.image], ["mask", mask]] as const) {
      const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve));
      if (blob) form.append(name, blob, `${name}.png`);
    }
    return form;
  }

  private clear() {
    this.mask.getContext("2d")?.clearRect(0, 0, this.mask.width, this.mask.height);
  }

  private dab(event: PointerEvent) {
    const context = this.mask.getContext("2d");
    if (!context) return;
    const box = this.mask.getBoundingClientRect();
    context.globalCompositeOperation = this.erase.checked ? "destination-out" : "source-over";
    context.fillStyle = "#fff";
    context.beginPath();
    context.arc((event.clientX - box.left) / box.width * this.mask.width,
      (event.clientY - box.top) / box.height * this.mask.height,
      Number(this.size.value) / 200 * this.mask.width, 0, 2 * Math.PI);
    context.fill();
  }
}
