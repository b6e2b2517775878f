import { say, sayIfKnown } from "./texts";

const wayBack = "back.";

/** What a measure is called. `brief`: as one of several in a chart that says what they are. */
export function measureName(name: string, brief = false): string {
  if (name.startsWith(wayBack)) {
    const there = measureName(name.slice(wayBack.length), brief);
    return brief ? there : say("measure.of-back", { measure: there });
  }
  const parts = name.split(".");
  if (parts[0] === "losses") {
    const part = sayIfKnown(`part.${parts[1]}`, parts[1]);
    return brief ? part : `${say("measure.loss")}: ${part}`;
  }
  if (parts.length === 3) {
    const part = sayIfKnown(`part.${parts[1]}`, parts[1]);
    const what = sayIfKnown(parts[2] === "spread" ? "measure.spread-of" : `measure.${parts[2]}`, parts[2]);
    return brief ? part : `${what}: ${part}`;
  }
  if (parts.length === 2) return `${parts[0]}: ${sayIfKnown(`part.${parts[1]}`, parts[1])}`;
  const full = sayIfKnown(`measure.${name}`, name.replace(/_/g, " "));
  return brief ? sayIfKnown(`short.${name}`, full) : full;
}
