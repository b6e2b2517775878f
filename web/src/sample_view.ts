import { make } from "./dom";
import { cellAt, cellsOf, type Cell } from "./grid";
import { say, sayIfKnown } from "./texts";
import type { Grid } from "./types";

/** Narrower than this, the names of columns do not fit above them. */
const labelPixels = 46;

/** A picture of samples that fills its place; a click on an image of it magnifies that. */
export class SampleView {
  readonly element: HTMLElement;
  private readonly canvas = make("canvas", { role: "img", tabindex: 0 });
  private readonly labels = make("div", { class: "labels small soft", "aria-hidden": "true" });
  private readonly legend = make("p", { class: "soft small" });
  private grid: Grid | null = null;

  constructor(onCell: (cell: Cell | null) => void) {
    this.element = make("div", { class: "sample-view" }, this.labels, this.canvas, this.legend);
    this.canvas.addEventListener("click", (event) => onCell(this.grid && cellAt(this.grid, this.canvas.width,
      this.canvas.height, (event.offsetX * this.canvas.width) / this.canvas.clientWidth,
      (event.offsetY * this.canvas.height) / this.canvas.clientHeight)));
    this.canvas.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      onCell(this.grid && { column: 0, row: 0 });
    });
    new ResizeObserver(() => this.drawLabels()).observe(this.canvas);
  }

  show(image: HTMLImageElement, grid: Grid | null, words: string) {
    const { canvas } = this;
    this.grid = grid;
    canvas.setAttribute("aria-label", words);
    if (canvas.width !== image.naturalWidth) canvas.width = image.naturalWidth;
    if (canvas.height !== image.naturalHeight) canvas.height = image.naturalHeight;
    canvas.getContext("2d")?.drawImage(image, 0, 0);
    this.drawLabels();
  }

  /** The names of source, made and truth above their columns, or in a line where these are narrow. */
  private drawLabels() {
    const { grid, canvas } = this;
    const kinds = grid?.kinds ?? null;
    this.labels.hidden = this.legend.hidden = true;
    if (!grid || !kinds || canvas.width === 0 || canvas.clientWidth === 0) return;
    const scale = canvas.clientWidth / canvas.width;
    const wide = (grid.cell[0] / kinds.length) * scale;
    const names = kinds.map((kind) => sayIfKnown(`samples.${kind}`, kind));
    if (wide < labelPixels) {
      this.legend.hidden = false;
      this.legend.textContent = `${say("samples.tile")} ${names.join(" · ")}`;
      return;
    }
    this.labels.hidden = false;
    const { columns } = cellsOf(grid, canvas.width, canvas.height);
    this.labels.replaceChildren();
    for (let column = 0; column < columns; ++column) {
      for (const [part, name] of names.entries()) {
        const left = (grid.gap + column * (grid.cell[0] + grid.gap)) * scale + part * wide;
        this.labels.append(make("span", { style: `left: ${left}px; width: ${wide}px` }, name));
      }
    }
  }
}
