import { make } from "./dom";
import { cellsOf, placeOf, type Cell } from "./grid";
import { whole } from "./numbers";
import type { Nearest } from "./nearest";
import type { Pictures } from "./pictures";
import { say, sayIfKnown } from "./texts";
import type { Grid } from "./types";

/** One image of the samples, large; other images by the arrow keys, other steps by the slider. */
export class Magnifier {
  private readonly dialog: HTMLDialogElement;
  private readonly canvas = make("canvas", { class: "magnified", role: "img" });
  private readonly labels = make("div", { class: "magnified-labels soft" });
  private readonly title = make("h2");
  private readonly slider: HTMLInputElement;
  private image: HTMLImageElement | null = null;

  constructor(private readonly pictures: Pictures, private readonly steps: number[], private index: number,
    private readonly grid: Grid | null, private cell: Cell | null, onIndex: (index: number) => void,
    private readonly nearest: Nearest | null) {
    this.slider = make("input", { type: "range", min: 0, max: steps.length - 1, value: index,
      "aria-label": say("samples.step"), input: () => {
        this.index = Number(this.slider.value);
        onIndex(this.index);
        void this.load();
      } });
    this.dialog = make("dialog", { class: "magnifier", keydown: (event: KeyboardEvent) => this.pressed(event),
      click: (event: MouseEvent) => { if (event.target === this.dialog) this.close(); },
      close: () => {
        nearest?.destroy();
        this.dialog.remove();
      } },
      make("div", { class: "magnifier-head" }, this.title,
        make("button", { class: "icon", "aria-label": say("samples.close"), title: say("samples.close"),
          autofocus: true, click: () => this.close() }, "×")),
      make("div", { class: "magnified-place" }, make("div", {}, this.canvas, this.labels), nearest?.figure),
      nearest?.element, this.slider, make("p", { class: "soft small" }, grid ? say("samples.keys") : ""));
    if (nearest) nearest.onFigure = () => this.fit();
    document.body.append(this.dialog);
    this.dialog.showModal();
    void this.load();
  }

  close() {
    this.dialog.close();
    this.dialog.remove();
  }

  private async load() {
    const { index } = this;
    try {
      const image = await this.pictures.get(this.steps[index]);
      if (index !== this.index) return;
      this.image = image;
      this.show();
    } catch {
      this.title.textContent = say("samples.broken");
    }
  }

  private show() {
    const { image, grid, cell, canvas } = this;
    if (!image) return;
    const part = grid && cell
      ? placeOf(grid, cell) : { x: 0, y: 0, width: image.naturalWidth, height: image.naturalHeight };
    canvas.width = part.width;
    canvas.height = part.height;
    canvas.getContext("2d")?.drawImage(image, part.x, part.y, part.width, part.height, 0, 0, part.width, part.height);
    this.fit();
    this.labels.replaceChildren(...(cell && grid?.kinds ? grid.kinds : []).map((kind) =>
      make("span", {}, sayIfKnown(`samples.${kind}`, kind))));
    const what = cell ? say("samples.magnified", { column: cell.column + 1, row: cell.row + 1 }) : say("samples.whole");
    const words = `${say("samples.at", { step: whole(this.steps[this.index]) })} · ${what}`;
    this.title.textContent = words;
    canvas.setAttribute("aria-label", words);
    if (cell) this.nearest?.takeCanvas(canvas);
  }

  /** The image as large as there is room for it, and for the training image beside it. */
  private fit() {
    const { canvas, nearest } = this;
    const isTwo = nearest !== null && !nearest.figure.hidden;
    const room = {
      width: Math.min(innerWidth * 0.86, 1040) / (isTwo ? 2.1 : 1),
      height: innerHeight * (nearest ? 0.5 : 0.68),
    };
    // Whole multiples keep pixels square and sharp.
    const factor = Math.min(room.width / canvas.width, room.height / canvas.height);
    const width = `${canvas.width * (factor >= 2 ? Math.floor(factor) : factor)}px`;
    canvas.style.width = this.labels.style.width = width;
    if (nearest) nearest.figure.style.width = width;
  }

  private pressed(event: KeyboardEvent) {
    const ways: Record<string, [number, number]> =
      { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
    const way = ways[event.key];
    if (!way || !this.grid || !this.cell || !this.image || event.target === this.slider) return;
    event.preventDefault();
    const { columns, rows } = cellsOf(this.grid, this.image.naturalWidth, this.image.naturalHeight);
    this.cell = {
      column: Math.min(Math.max(this.cell.column + way[0], 0), columns - 1),
      row: Math.min(Math.max(this.cell.row + way[1], 0), rows - 1),
    };
    this.show();
  }
}
