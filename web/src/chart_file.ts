import { download, draw } from "./dom";
import { isOrdered, roundTicks, stepsBetween, type Line } from "./lines";
import { short, whole } from "./numbers";
import { say } from "./texts";
import { color } from "./theme";
import type { Hub } from "./hub";
import { isAlone, type PlotState } from "./plot";
import type { RunData } from "./run_data";
import type { Journal } from "./types";

/** Where the numbers of a chart come from. */
export interface FileSource {
  data: RunData;
  journal: Journal;
  names: string[];
}

const size = { width: 800, height: 420, left: 70, right: 20, top: 40, bottom: 70 };

/** Saves a chart as it stands as an SVG picture. */
export function pictureFile(title: string, state: PlotState, lines: Line[], xName: string) {
  const { width, height, left, right, top, bottom } = size;
  const [xLow, xHigh] = state.range;
  const [yLow, yHigh] = state.heights;
  const placeX = (x: number) => left + ((x - xLow) / (xHigh - xLow)) * (width - left - right);
  const placeY = (y: number) => height - bottom - ((y - yLow) / (yHigh - yLow)) * (height - top - bottom);
  const at = (x: number, y: number) => `${placeX(x).toFixed(1)},${placeY(y).toFixed(1)}`;
  const text = (x: number, y: number, words: string, more: Record<string, string | number> = {}) =>
    draw("text", { x, y, fill: color("soft"), "font-size": 12, ...more }, words);
  const picture = draw("svg", {
    xmlns: "http://www.w3.org/2000/svg", viewBox: `0 0 ${width} ${height}`, width, height,
    "font-family": "system-ui, sans-serif" },
    draw("rect", { width, height, fill: color("paper") }),
    draw("clipPath", { id: "inside" },
      draw("rect", { x: left, y: top, width: width - left - right, height: height - top - bottom })),
    text(left, 24, title, { fill: color("ink"), "font-size": 15, "font-weight": 600 }));
  for (const tick of state.ticks(6)) {
    const y = placeY(tick);
    picture.append(draw("line", { x1: left, x2: width - right, y1: y, y2: y, stroke: color("line") }),
      text(left - 8, y + 4, state.tickText(tick), { "text-anchor": "end" }));
  }
  for (const tick of roundTicks(xLow, xHigh, 7)) {
    picture.append(text(placeX(tick), height - bottom + 18, short(tick), { "text-anchor": "middle" }));
  }
  picture.append(text(width - right, height - bottom + 36, xName, { "text-anchor": "end" }));
  const inside = draw("g", { "clip-path": "url(#inside)", fill: "none" });
  picture.append(inside);
  if (state.reference !== undefined) {
    inside.append(draw("line", { x1: left, x2: width - right, y1: placeY(state.reference), y2: placeY(state.reference),
      stroke: color("soft"), "stroke-dasharray": "2 3" }));
  }
  const order = state.x.map((_, row) => row);
  if (!state.ordered) order.sort((one, other) => state.steps[one] - state.steps[other]);
  for (const curve of state.curves) {
    const stroke = color(curve.color);
    const rows = order.filter((row) => typeof curve.y[row] === "number");
    if (curve.low && curve.high) {
      const { low, high } = curve;
      const band = rows.filter((row) => typeof low[row] === "number" && typeof high[row] === "number");
      const points = [...band.map((row) => at(state.x[row], high[row] as number)),
        ...band.reverse().map((row) => at(state.x[row], low[row] as number))];
      inside.append(draw("polygon", { points: points.join(" "), fill: stroke, "fill-opacity": 0.18 }));
    }
    // Where a number is missing, the line is broken.
    let path = "";
    let broken = true;
    for (const row of order) {
      const value = curve.y[row];
      if (value === undefined) continue;
      if (value !== null) path += `${broken ? "M" : "L"}${at(state.x[row], value)}`;
      broken = value === null;
    }
    inside.append(draw("path", { d: path, stroke, "stroke-width": curve.faint ? 1 : 1.6,
      "stroke-opacity": curve.faint ? 0.35 : 1, "stroke-dasharray": curve.dashed ? "5 4" : null,
      // A value alone makes a line of no length, of which this shows the ends.
      ...(isAlone(curve) ? { "stroke-width": 9, "stroke-linecap": "round", d: `${path}h0` } : {}) }));
  }
  let x = left;
  for (const line of lines) {
    picture.append(
      draw("line", { x1: x, x2: x + 16, y1: height - 18, y2: height - 18,
        stroke: color(line.color), "stroke-width": 2.5 }),
      text(x + 22, height - 14, line.label));
    x += 40 + [...line.label].reduce((sum, letter) => sum + (letter > "⺀" ? 12.5 : 7), 0);
  }
  download(`${fileName(title)}.svg`, "image/svg+xml", new XMLSerializer().serializeToString(picture));
}

const fileName = (words: string) => words.replace(/[^\p{L}\p{N}]+/gu, "-").replace(/^-|-$/g, "").toLowerCase();
const cell = (value: unknown) =>
  value === null || value === undefined ? ""
    : /[",\n]/.test(String(value)) ? `"${String(value).replace(/"/g, '""')}"` : String(value);

/** Saves the numbers behind a chart, of what is in sight; returns a remark where they had to be thinned. */
export async function numbersFile(key: string, title: string, sources: FileSource[], hub: Hub): Promise<string | null> {
  const several = new Set(sources.map(({ data }) => data)).size > 1;
  const extra = hub.x.name === "step" ? [] : [hub.x.name];
  const names = [...new Set(sources.flatMap((source) => source.names))];
  const columns = [...extra.filter((name) => !names.includes(name)), ...names];
  const lines = [[...(several ? ["run"] : []), "step", ...columns].map(cell).join(",")];
  let thinned: number | null = null;
  for (const { data, journal, names: wanted } of sources) {
    const known = data.names(journal);
    const asked = [...new Set([...extra, ...wanted])].filter((name) => known.includes(name));
    const range = hub.range && isOrdered(hub.x) ? stepsBetween(data, hub.x, hub.range) : null;
    const rows = await data.all(journal, asked, range);
    if (rows.thinned) thinned = rows.steps.length / 2;
    for (const [row, step] of rows.steps.entries()) {
      lines.push([...(several ? [data.details.name] : []), step, ...columns.map((name) => rows.series[name]?.[row])]
        .map(cell).join(","));
    }
  }
  download(`${fileName(key)}.csv`, "text/csv", `${lines.join("\n")}\n`);
  return thinned === null ? null : say("charts.thinned", { title, count: whole(thinned) });
}
