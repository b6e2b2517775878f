import { ApiError, get, Stream } from "./api";
import { onReturn } from "./connection";
import { language } from "./texts";
import type { Journal, Run, RunDetails, Rows, Series } from "./types";

/** Rows that the whole of a journal is thinned to, and that live rows may add before it is thinned anew. */
const pointsWanted = 1600;
const pointsMost = 4 * pointsWanted;

export interface Table {
  steps: number[];
  columns: Map<string, (number | null)[]>;
  thinned: boolean;
}

export type News = "rows" | "run" | "details" | "again" | "gone";

const emptyTable = (): Table => ({ steps: [], columns: new Map(), thinned: false });

function tableOf(rows: Rows): Table {
  return { steps: rows.steps, columns: new Map(Object.entries(rows.series)), thinned: rows.thinned };
}

/** One run's numbers as far as the page needs them, kept up to date. */
export class RunData {
  details!: RunDetails;
  tables: Record<Journal, Table> = { steps: emptyTable(), checks: emptyTable() };
  gone = false;
  /** Told of what is new. */
  listener: (news: News) => void = () => {};
  onJob: (news: { job: string; done: number }) => void = () => {};
  private closeUp: Table | null = null;
  private zoomed: { from: number; to: number } | null = null;
  private readonly extra: Record<Journal, Set<string>> = { steps: new Set(), checks: new Set() };
  private stream: Stream | null = null;
  private closed = false;
  private loading: Promise<void> | null = null;
  private readonly forgetReturn: () => void;

  /** `wanted` says which measures are shown from the start; others are asked for with `need`. */
  constructor(readonly id: string, private readonly wanted: (name: string, journal: Journal) => boolean,
    private readonly live: boolean) {
    this.forgetReturn = onReturn(() => { if (this.live && !this.stream && !this.gone) void this.renew(); });
  }

  /** Loads everything; throws what the first request meets. */
  load(): Promise<void> {
    this.loading ??= this.loadAll().finally(() => { this.loading = null; });
    return this.loading;
  }

  close() {
    this.closed = true;
    this.forgetReturn();
    this.stream?.close();
  }

  names(journal: Journal): string[] {
    return this.details.series.filter((series) => series.journal === journal).map((series) => series.name);
  }

  /** The rows to draw: those of the part that is zoomed into, where they are finer. */
  view(journal: Journal): Table {
    return (journal === "steps" && this.closeUp) || this.tables[journal];
  }

  async need(journal: Journal, name: string) {
    if (this.extra[journal].has(name) || this.tables[journal].columns.has(name)) return;
    this.extra[journal].add(name);
    await this.loading;
    if (!this.names(journal).includes(name)) return;
    await this.loadTable(journal);
    this.listener("rows");
  }

  /** Asks for finer rows between two steps; null for all of the run. */
  async zoom(range: { from: number; to: number } | null) {
    this.zoomed = range;
    if (!range || !this.tables.steps.thinned) {
      if (!this.closeUp) return;
      this.closeUp = null;
      this.listener("rows");
      return;
    }
    const rows = await this.ask("steps", range.from, range.to).catch(() => null);
    if (!rows || this.closed || this.zoomed !== range) return;
    this.closeUp = tableOf(rows);
    this.listener("rows");
  }

  /** Loads what is new, for whoever has no stream of its own. */
  async refresh() {
    if (this.closed || this.gone) return;
    try {
      const before = this.details.series.length;
      this.details = await this.askDetails();
      if (this.details.series.length !== before) await this.loadTables();
      else for (const journal of ["steps", "checks"] as const) await this.append(journal);
      this.listener("details");
      this.listener("rows");
    } catch (error) {
      this.failed(error);
    }
  }

  private async append(journal: Journal) {
    const table = this.tables[journal];
    const last = table.steps[table.steps.length - 1] ?? -1;
    const rows = await this.ask(journal, last + 1);
    if (rows.last < last) await this.loadTable(journal);
    else this.take(journal, rows);
  }

  private async loadAll() {
    this.stream?.close();
    this.stream = null;
    this.details = await this.askDetails();
    await this.loadTables();
    this.closeUp = null;
    if (this.closed || !this.live) return;
    this.stream = new Stream(`runs/${this.id}/events`, this.details.event, {
      run: (run: Run) => this.takeRun(run),
      steps: (rows: Rows) => this.takeLive("steps", rows),
      checks: (rows: Rows) => this.takeLive("checks", rows),
      verdict: () => void this.loadDetails(),
      preview: ({ step }: { step: number }) => this.takePreview(step),
      job: (news: { job: string; done: number }) => this.onJob(news),
      again: () => void this.renew(),
      gone: () => this.vanish(),
    }, () => { this.stream = null; void this.renew(); });
  }

  private async renew() {
    try {
      await this.load();
      if (this.zoomed) void this.zoom(this.zoomed);
      this.listener("again");
    } catch (error) {
      this.failed(error);
    }
  }

  private failed(error: unknown) {
    if (error instanceof ApiError && error.status === 404) this.vanish();
  }

  private vanish() {
    this.gone = true;
    this.stream?.close();
    this.stream = null;
    this.listener("gone");
  }

  private askDetails() {
    return get<RunDetails>(`runs/${this.id}?language=${language()}`);
  }

  private async loadDetails() {
    try {
      this.details = await this.askDetails();
      this.listener("details");
    } catch (error) {
      this.failed(error);
    }
  }

  private async loadTables() {
    await Promise.all([this.loadTable("steps"), this.loadTable("checks")]);
  }

  private async loadTable(journal: Journal) {
    this.tables[journal] = tableOf(await this.ask(journal));
  }

  private wantedNames(journal: Journal): string[] {
    return this.names(journal).filter((name) => this.wanted(name, journal) || this.extra[journal].has(name));
  }

  private ask(journal: Journal, from?: number, to?: number): Promise<Series> {
    return this.askNames(journal, this.wantedNames(journal), pointsWanted, from, to);
  }

  /** As many rows as the server gives, for a file. */
  all(journal: Journal, names: string[], range: { from: number; to: number } | null): Promise<Series> {
    return this.askNames(journal, names, 20000, range?.from, range?.to);
  }

  private async askNames(journal: Journal, names: string[], points: number, from?: number, to?: number) {
    const none: Series = { first: 0, last: 0, steps: [], series: {}, thinned: false };
    if (names.length === 0) return none;
    const query = new URLSearchParams({ journal, names: names.join(","), points: String(points) });
    if (from !== undefined) query.set("from", String(from));
    if (to !== undefined && Number.isFinite(to)) query.set("to", String(to));
    return get<Series>(`runs/${this.id}/series?${query}`);
  }

  private takeRun(run: Run) {
    Object.assign(this.details, run);
    this.listener("run");
  }

  private takePreview(step: number) {
    const { previews } = this.details;
    if (!previews.includes(step)) {
      previews.push(step);
      previews.sort((one, other) => one - other);
    }
    this.listener("details");
  }

  private takeLive(journal: Journal, rows: Rows) {
    this.take(journal, rows);
    if (this.tables[journal].steps.length > pointsMost) void this.loadTable(journal).then(() => this.listener("rows"));
    else this.listener("rows");
  }

  private take(journal: Journal, rows: Rows) {
    this.takeNames(journal, rows);
    appendRows(this.tables[journal], rows, Infinity);
    if (journal === "steps" && this.closeUp) appendRows(this.closeUp, rows, this.zoomed?.to ?? Infinity);
  }

  /** A run that has just begun has no measures yet; they come with its first rows. */
  private takeNames(journal: Journal, rows: Rows) {
    const known = new Set(this.names(journal));
    for (const name of Object.keys(rows.series)) {
      if (known.has(name)) continue;
      this.details.series.push({ name, journal });
      if (!this.wanted(name, journal) && !this.extra[journal].has(name)) continue;
      const tables = journal === "steps" && this.closeUp
        ? [this.tables.steps, this.closeUp] : [this.tables[journal]];
      for (const table of tables) {
        table.columns.set(name, table.steps.map(() => null));
      }
    }
  }
}

function appendRows(table: Table, rows: Rows, to: number) {
  const last = table.steps[table.steps.length - 1] ?? -Infinity;
  let first = rows.steps.findIndex((step) => step > last);
  if (first < 0) first = rows.steps.length;
  let end = rows.steps.length;
  while (end > first && rows.steps[end - 1] > to) --end;
  if (first === end) return;
  // New arrays, so that whoever compares sees that there is something new.
  table.steps = table.steps.concat(rows.steps.slice(first, end));
  for (const [name, values] of table.columns) {
    table.columns.set(name, values.concat((rows.series[name] ?? rows.steps.map(() => null)).slice(first, end)));
  }
  table.thinned ||= rows.thinned;
}
