import type { Grid } from "./types";

/** One of the images of a picture of samples. */
export interface Cell {
  column: number;
  row: number;
}

/** How many images lie in a picture. */
export function cellsOf(grid: Grid, width: number, height: number): { columns: number; rows: number } {
  const [wide, high] = grid.cell;
  return {
    columns: Math.max(1, Math.floor((width - grid.gap) / (wide + grid.gap))),
    rows: Math.max(1, Math.floor((height - grid.gap) / (high + grid.gap))),
  };
}

/** Where an image lies in the picture, in its pixels. */
export function placeOf(grid: Grid, { column, row }: Cell): { x: number; y: number; width: number; height: number } {
  const [width, height] = grid.cell;
  return { x: grid.gap + column * (width + grid.gap), y: grid.gap + row * (height + grid.gap), width, height };
}

/** The image at a place of the picture, or the nearest one. */
export function cellAt(grid: Grid, pictureWidth: number, pictureHeight: number, x: number, y: number): Cell {
  const { columns, rows } = cellsOf(grid, pictureWidth, pictureHeight);
  const inside = (value: number, most: number) => Math.min(Math.max(Math.floor(value), 0), most - 1);
  return {
    column: inside((x - grid.gap / 2) / (grid.cell[0] + grid.gap), columns),
    row: inside((y - grid.gap / 2) / (grid.cell[1] + grid.gap), rows),
  };
}
