import { draw, make } from "./dom";
import { logarithmTicks, roundTicks } from "./lines";
import { short } from "./numbers";
import { say } from "./texts";
import type { Evidence } from "./types";

const width = 340;
const height = 30;
const edge = 8;

function numbersIn(evidence: Evidence): number[] {
  return [evidence.value, evidence.baseline, evidence.threshold, ...(evidence.interval ?? [])]
    .filter((value): value is number => value !== null && value !== undefined && Number.isFinite(value));
}

/** One measurement drawn against its baseline and its limit. */
function gauge(evidence: Evidence): { picture: SVGSVGElement; log: boolean } | null {
  const numbers = numbersIn(evidence);
  if (evidence.value === null || !Number.isFinite(evidence.value) || numbers.length < 2) return null;
  const least = Math.min(...numbers);
  const log = least > 0 && Math.max(...numbers) / least > 30;
  const scaled = (value: number) => (log ? Math.log10(value) : value);
  let low = Math.min(...numbers.map(scaled));
  let high = Math.max(...numbers.map(scaled));
  // Shares are seen against all that they can be.
  if (!log && low >= 0 && high <= 1 && high > 0.4) [low, high] = [0, 1];
  const margin = (high - low) * 0.06 || Math.abs(high) * 0.1 || 1;
  if (!(low === 0 && high === 1)) [low, high] = [low - margin, high + margin];
  const place = (value: number) => edge + ((scaled(value) - low) / (high - low)) * (width - 2 * edge);
  const middle = height / 2 - 3;
  const picture = draw("svg", { viewBox: `0 0 ${width} ${height}`, class: "gauge", "aria-hidden": "true" },
    draw("line", { x1: edge, x2: width - edge, y1: middle, y2: middle, class: "gauge-line" }));
  const ticks = (log ? logarithmTicks : roundTicks)(low, high, 3);
  for (const tick of ticks) {
    const value = log ? 10 ** tick : tick;
    picture.append(draw("line",
      { x1: place(value), x2: place(value), y1: middle - 2, y2: middle + 2, class: "gauge-line" }),
      draw("text", { x: place(value), y: height - 1, "text-anchor": "middle" }, short(value)));
  }
  if (evidence.interval) {
    const [from, to] = evidence.interval.map(place);
    picture.append(draw("rect", { x: from, y: middle - 5, width: Math.max(1, to - from),
      height: 10, rx: 2, class: "gauge-interval" }));
  }
  if (evidence.baseline !== null) {
    const x = place(evidence.baseline);
    picture.append(draw("path", { d: `M${x} ${middle - 6}l4 6l-4 6l-4-6z`, class: "gauge-baseline" }));
  }
  if (evidence.threshold !== null) {
    const x = place(evidence.threshold);
    picture.append(draw("line", { x1: x, x2: x, y1: middle - 9, y2: middle + 9, class: "gauge-threshold" }));
  }
  picture.append(draw("circle", { cx: place(evidence.value), cy: middle, r: 4, class: "gauge-value" }));
  return { picture, log };
}

function key(kind: "value" | "interval" | "baseline" | "threshold"): HTMLElement {
  const shapes = {
    value: () => draw("circle", { cx: 8, cy: 6, r: 4, class: "gauge-value" }),
    interval: () => draw("rect", { x: 1, y: 1, width: 14, height: 10, rx: 2, class: "gauge-interval" }),
    baseline: () => draw("path", { d: "M8 0l4 6l-4 6l-4-6z", class: "gauge-baseline" }),
    threshold: () => draw("line", { x1: 8, x2: 8, y1: 0, y2: 12, class: "gauge-threshold" }),
  };
  return make("span", { class: "gauge-key" },
    draw("svg", { width: 16, height: 12, "aria-hidden": "true" }, shapes[kind]()),
    say(`verdict.${kind}`));
}

/** The measurements behind a verdict, each drawn and in numbers. */
export function evidenceList(evidence: Evidence[]): HTMLElement {
  const rows = evidence.map((each) => {
    const drawn = gauge(each);
    const details = [
      each.interval && `${say("verdict.interval")} ${each.interval.map(short).join(" … ")}`,
      each.baseline !== null && `${say("verdict.baseline")} ${short(each.baseline)}`,
      each.threshold !== null && `${say("verdict.threshold")} ${short(each.threshold)}`,
      drawn?.log && say("verdict.log"),
    ].filter(Boolean).join(" · ");
    return make("li", {},
      make("div", { class: "evidence-name" }, each.name, make("b", {}, short(each.value))),
      drawn && drawn.picture,
      make("div", { class: "soft small" }, details));
  });
  return make("div", { class: "evidence" },
    make("div", { class: "gauge-keys soft small" }, key("value"), key("interval"), key("baseline"), key("threshold")),
    make("ul", {}, ...rows));
}
