import type { Key } from "./texts";
import type { Journal } from "./types";

/** A chart that every run has, where it has the numbers. */
export interface ChartSpec {
  key: string;
  title: Key;
  group: Key;
  journal: Journal;
  /** Names of its measures; a star stands for any part of a name. */
  names: string[];
  log?: boolean;
  share?: boolean;
  reference?: number;
  /** Draws `NAME_low` to `NAME_high` around a measure. */
  band?: boolean;
  /** Draws the spread of answers around their mean. */
  spread?: boolean;
  /** Is left out while all is 0. */
  onlyAboveZero?: boolean;
  /** Measures that are no more than a comparison. */
  dashed?: string[];
  /** The one that stands for the chart when runs are compared. */
  compared?: string[];
}

const steps = { journal: "steps" as const };
const checks = { journal: "checks" as const };

export const chartSpecs: ChartSpec[] = [
  { ...steps, key: "p-real", title: "chart.p-real", group: "group.duel", share: true, reference: 0.5,
    names: ["logits.real.p_real", "logits.fake.p_real"], compared: ["logits.real.p_real", "logits.fake.p_real"] },
  { ...steps, key: "losses", title: "chart.losses", group: "group.duel",
    names: ["losses.discriminator", "losses.generator", "losses.*"],
    compared: ["losses.discriminator", "losses.generator"] },
  { ...steps, key: "logits", title: "chart.logits", group: "group.duel", spread: true,
    names: ["logits.real.mean", "logits.fake.mean"] },
  { ...checks, key: "cross-play", title: "chart.cross-play", group: "group.duel", share: true, reference: 0.5,
    names: ["new_critic_auc", "new_fakes_auc", "rival_auc", "remembered_auc"], dashed: ["rival_auc"],
    compared: ["new_fakes_auc"] },
  { ...checks, key: "movement", title: "chart.movement", group: "group.duel",
    names: ["movement", "movement_baseline"], dashed: ["movement_baseline"], compared: ["movement"] },
  { ...checks, key: "loss-swing", title: "chart.loss-swing", group: "group.duel", log: true, reference: 1,
    names: ["loss_swing"] },
  { ...checks, key: "kid", title: "chart.kid", group: "group.quality", band: true, log: true,
    names: ["kid", "kid_baseline", "kid_mild", "kid_noise"], dashed: ["kid_baseline", "kid_mild", "kid_noise"],
    compared: ["kid"] },
  { ...checks, key: "coverage", title: "chart.coverage", group: "group.quality", band: true, reference: 1,
    names: ["coverage", "diversity", "raw_diversity", "coverage_baseline"], dashed: ["coverage_baseline"],
    compared: ["coverage", "diversity"] },
  { ...checks, key: "density", title: "chart.density", group: "group.quality", reference: 1, names: ["density"] },
  { ...checks, key: "bins", title: "chart.bins", group: "group.quality",
    names: ["bins_different", "bins_limit"], dashed: ["bins_limit"] },
  { ...checks, key: "memorising", title: "chart.memorising", group: "group.quality",
    names: ["memorising", "repeated", "known_nearest", "known_nearest_baseline"], dashed: ["known_nearest_baseline"] },
  { ...checks, key: "truth", title: "chart.truth", group: "group.quality",
    names: ["truth_psnr_db", "source_psnr_db"], dashed: ["source_psnr_db"], compared: ["truth_psnr_db"] },
  { ...checks, key: "right-answers", title: "chart.right-answers", group: "group.referee", band: true, share: true,
    reference: 0.5, names: ["auc_unseen", "auc_training", "fresh_critic", "pixel_critic"],
    compared: ["auc_unseen", "fresh_critic"] },
  { ...checks, key: "p-real-unseen", title: "chart.p-real-unseen", group: "group.referee", share: true, reference: 0.5,
    names: ["p_real_unseen", "p_real_fake"] },
  { ...checks, key: "input", title: "chart.input", group: "group.translation",
    names: ["source_distance", "truth_distance"] },
  { ...checks, key: "effect", title: "chart.effect", group: "group.translation", band: true,
    names: ["source_effect", "own_truth", "color_variety", "light_agreement"], compared: ["source_effect"] },
  { ...steps, key: "gradients", title: "chart.gradients", group: "group.updates", log: true,
    names: ["players.discriminator.gradient_norm", "players.generator.gradient_norm", "players.*.gradient_norm"],
    compared: ["players.discriminator.gradient_norm", "players.generator.gradient_norm"] },
  { ...steps, key: "updates", title: "chart.updates", group: "group.updates", log: true,
    names: ["players.discriminator.update_ratio", "players.generator.update_ratio", "players.*.update_ratio"],
    compared: ["players.discriminator.update_ratio", "players.generator.update_ratio"] },
  { ...steps, key: "weights", title: "chart.weights", group: "group.updates",
    names: ["players.discriminator.weight_norm", "players.generator.weight_norm", "players.*.weight_norm"] },
  { ...steps, key: "rates", title: "chart.rates", group: "group.updates", log: true,
    names: ["players.discriminator.learning_rate", "players.generator.learning_rate", "players.*.learning_rate"] },
  { ...checks, key: "signal", title: "chart.signal", group: "group.updates",
    names: ["signal_at_logits", "signal_at_images", "signal_agreement"] },
  { ...steps, key: "images-per-second", title: "chart.images-per-second",
    group: "group.speed", names: ["images_per_second"],
    compared: ["images_per_second"] },
  { ...steps, key: "step-seconds", title: "chart.step-seconds", group: "group.speed",
    names: ["step_seconds", "data_wait_seconds"] },
  { ...steps, key: "bad-steps", title: "chart.bad-steps", group: "group.speed", names: ["bad_steps"],
    onlyAboveZero: true },
];

export const wayBack = "back.";

/** The measures of a chart that there are, in its order. */
export function namesOf(wanted: string[], known: string[]): string[] {
  const found: string[] = [];
  for (const pattern of wanted) {
    const [start, end] = pattern.split("*");
    const fits = end === undefined
      ? known.filter((name) => name === pattern)
      : known.filter((name) => name.startsWith(start) && name.endsWith(end)
        && name.length >= start.length + end.length);
    for (const name of fits) if (!found.includes(name)) found.push(name);
  }
  return found;
}

/** The colours of a chart's measures: those of players and of real and fake stay the same in all charts. */
export function colorsOf(names: string[]): string[] {
  const fixed: [RegExp, string][] = [[/\bdiscriminator-back\b/, "d"], [/\bgenerator-back\b/, "e"],
    [/\b(discriminator|real)\b|p_real_unseen/, "a"], [/\b(generator|fake)\b|p_real_fake/, "b"]];
  const taken = new Set<string>();
  const mine = names.map((name) => {
    const color = fixed.find(([pattern]) => pattern.test(name))?.[1];
    if (!color || taken.has(color)) return null;
    taken.add(color);
    return color;
  });
  const free = [..."abcdefgh"].filter((color) => !taken.has(color));
  let next = 0;
  return mine.map((color) => color ?? free[next++ % Math.max(1, free.length)] ?? "g");
}

/** Whether a measure is drawn in a chart of every run, or stands on the x axis. */
export function isShown(name: string, journal: Journal): boolean {
  if (["images", "seconds"].includes(name)) return true;
  const there = name.startsWith(wayBack) ? name.slice(wayBack.length) : name;
  return chartSpecs.some((spec) => {
    if (spec.journal !== journal) return false;
    if (namesOf(spec.names, [there]).length > 0) return true;
    if (spec.band) return namesOf(spec.names, [there.replace(/_(low|high)$/, "")]).length > 0;
    return spec.spread === true && /^logits\..*\.spread$/.test(there);
  });
}
