/** What the server tells, as under /api/v1. */
export type Mood = "good" | "mid" | "bad";

export interface Run {
  id: string;
  name: string;
  recipe: string;
  game: string;
  data: string;
  shape: [number, number, number] | null;
  started: string | null;
  changed: string | null;
  training: boolean;
  step: number;
  images: number | null;
  seconds: number | null;
  images_per_second: number | null;
  state: string | null;
  mood: Mood | null;
  sentence: string | null;
  best: { measure: string; value: number; step: number } | null;
  note: string | null;
}

export interface Evidence {
  name: string;
  text?: string;
  value: number | null;
  interval: [number, number] | null;
  baseline: number | null;
  threshold: number | null;
}

export interface Remedy {
  what: string;
  why: string;
  source: string;
}

export interface Verdict {
  step: number;
  state: string;
  mood?: Mood;
  way?: string;
  since_step: number;
  sentence: string;
  also: string[];
  evidence?: Evidence[];
  remedies?: Remedy[];
  mend?: { attempt: number; action: string; remedy: { what: string } };
}

export type Journal = "steps" | "checks";

export interface Grid {
  cell: [number, number];
  gap: number;
  kinds: string[] | null;
}

export interface RunDetails extends Run {
  event: number;
  verdict: Verdict | null;
  verdicts: Verdict[];
  series: { name: string; journal: Journal }[];
  previews: number[];
  real: boolean;
  grid: Grid | null;
  points: boolean;
  settings: string;
}

/** Points of the plane, x and y each; what was no number is null. */
export type Points = [number | null, number | null][];

export interface RealPoints {
  bounds: [number, number];
  reals: Points;
}

export interface PointsPreview {
  bounds: [number, number];
  classes: number;
  fakes: Points;
  field: { side: number; p_real: (number | null)[]; fitted: boolean } | null;
  manifold: { columns: number; rows: number; points: Points; latent_size: number; reach: number };
}

export interface Rows {
  steps: number[];
  series: Record<string, (number | null)[]>;
  thinned: boolean;
}

export interface Series extends Rows {
  first: number;
  last: number;
}
