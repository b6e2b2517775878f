import { get, Stream } from "./api";
import { Chart } from "./chart";
import { chartSpecs, isShown, namesOf, type ChartSpec } from "./chart_specs";
import { ChartTools } from "./chart_tools";
import { chip } from "./chip";
import { CompareSamples } from "./compare_samples";
import { onReturn } from "./connection";
import { calmly, make, sparingly } from "./dom";
import { Hub } from "./hub";
import { isOrdered, stepsBetween, valuesAt, type Line, type Measure, type Numbers } from "./lines";
import { measureName } from "./measures";
import { short, whole } from "./numbers";
import { RunData } from "./run_data";
import { say } from "./texts";
import type { Journal, Run } from "./types";

const most = 8;
const refreshMilliseconds = 4000;

/** The measures that runs are compared by, one chart each. */
function measures(): { name: string; spec: ChartSpec }[] {
  return chartSpecs.flatMap((spec) => (spec.compared ?? spec.names.slice(0, 1)).map((name) => ({ name, spec })));
}

/** Several runs: one chart a measure with all runs in it, and their samples under one slider. */
export function comparePage(main: HTMLElement, ids: string): () => void {
  const runs = [...new Set(ids.split(",").filter(Boolean))].slice(0, most).map((id) => new RunData(id, isShown, false));
  const hub = new Hub();
  const charts: Chart[] = [];
  const state = make("p", { class: "empty" }, say(runs.length > 0 ? "page.loading" : "compare.few"));
  const note = make("div", { class: "note", role: "status" });
  const list = make("div", { class: "compared" });
  const body = make("div", { class: "charts" });
  let present: RunData[] = [];
  let samples: CompareSamples | null = null;
  let stream: Stream | null = null;
  let left = false;
  const axes = new Map<string, Numbers>();

  main.append(make("h1", {}, say("compare.title")), note, list, state, body);
  const tools = new ChartTools(hub, (x) => void chooseAxis(x));

  const colorOf = (data: RunData) => "abcdefgh"[runs.indexOf(data)];

  function axisOf(data: RunData, journal: Journal): Numbers {
    const key = `${data.id} ${journal}`;
    const known = axes.get(key) ?? valuesAt(data, journal, hub.x);
    axes.set(key, known);
    return known;
  }

  function linesOf(name: string, spec: ChartSpec): Line[] {
    return present.filter((data) => data.names(spec.journal).includes(name)).map((data) => {
      const { columns, steps } = data.view(spec.journal);
      const band = spec.band === true && columns.has(`${name}_low`);
      return {
        label: data.details.name, color: colorOf(data), steps,
        x: axisOf(data, spec.journal), y: columns.get(name) ?? [],
        ...(band ? { low: columns.get(`${name}_low`), high: columns.get(`${name}_high`) } : {}),
      };
    });
  }

  function build() {
    const several = new Set(present.flatMap((data) =>
      data.details.series.map(({ journal, name }) => `${journal}:${name}`)));
    tools.offer([...several].map((text) => {
      const colon = text.indexOf(":");
      return { journal: text.slice(0, colon) as Journal, name: text.slice(colon + 1) };
    }));
    if (!isOrdered(hub.x) && !several.has(`${hub.x.journal}:${hub.x.name}`)) hub.x = { name: "step", journal: "steps" };
    const grid = make("div", { class: "chart-grid" });
    body.replaceChildren(tools.element, make("p", { class: "soft small hint" }, say("charts.hint")), grid);
    for (const { name, spec } of measures()) {
      const alone = namesOf(spec.names, [name]).length === 1 && (spec.compared ?? []).length <= 1;
      const title = alone ? say(spec.title) : `${say(spec.title)}: ${measureName(name, true)}`;
      const chart = new Chart({
        key: `compare.${name}`, title, log: spec.log, share: spec.share, reference: spec.reference,
        lines: () => linesOf(name, spec),
        sources: () => present.filter((data) => data.names(spec.journal).includes(name))
          .map((data) => ({ data, journal: spec.journal, names: [name] })),
      }, hub);
      charts.push(chart);
      grid.append(chart.element);
    }
    samples = new CompareSamples(present, colorOf, (step) => hub.mark(step));
    list.after(samples.element);
    hub.onPick = (step) => samples?.showStep(step);
    hub.onRange = calmly(150, () => {
      for (const data of present) {
        void data.zoom(hub.range && isOrdered(hub.x) ? stepsBetween(data, hub.x, hub.range) : null);
      }
    });
  }

  function renderList() {
    list.replaceChildren(...present.map((data) => {
      const run = data.details;
      return make("div", { class: "compared-run", style: `--tone: var(--${colorOf(data)})` },
        make("i"), make("a", { href: `#/run/${run.id}` }, run.name), chip(run.state, run.mood),
        make("span", { class: "soft small" }, `${measureName("step")} ${whole(run.step)}`,
          run.best && ` · ${measureName(run.best.measure)} ${short(run.best.value)}`),
        run.training && !data.gone && make("span", { class: "live" }, say("runs.now")));
    }));
    note.replaceChildren(...runs.filter((data) => data.gone || !present.includes(data)).map((data) =>
      make("div", {}, say("compare.missing", { id: present.includes(data) ? data.details.name : data.id }))));
  }

  const redraw = sparingly(200, () => {
    if (left) return;
    axes.clear();
    for (const chart of charts) chart.take();
    hub.update();
  });

  async function chooseAxis(x: Measure) {
    if (!isOrdered(x)) await Promise.all(present.map((data) => data.need(x.journal, x.name)));
    hub.x = x;
    redraw();
    hub.choose({ x });
  }

  async function load() {
    const { event } = await get<{ event: number }>("runs");
    await Promise.all(runs.map((data) => data.load().catch(() => { data.gone = true; })));
    if (left) return;
    present = runs.filter((data) => !data.gone);
    state.hidden = present.length > 0;
    state.replaceChildren(say("compare.few"));
    renderList();
    if (present.length === 0) return;
    build();
    if (!isOrdered(hub.x)) await Promise.all(present.map((data) => data.need(hub.x.journal, hub.x.name)));
    redraw();
    for (const data of present) {
      data.listener = (news) => {
        if (left) return;
        if (news === "rows") redraw();
        else {
          renderList();
          samples?.take();
        }
      };
    }
    listen(event);
  }

  function listen(after: number) {
    const pending = new Set<RunData>();
    const refresh = sparingly(refreshMilliseconds, () => {
      for (const data of pending) void data.refresh();
      pending.clear();
    });
    const all = () => {
      for (const data of present) pending.add(data);
      refresh();
    };
    stream = new Stream("events", after, {
      runs: (news: { runs: Run[]; gone: string[] }) => {
        for (const data of present) {
          if (news.runs.some(({ id }) => id === data.id) || news.gone.includes(data.id)) pending.add(data);
        }
        if (pending.size > 0) refresh();
      },
      again: all,
    }, () => {
      void get<{ event: number }>("runs").then(({ event }) => {
        if (left) return;
        all();
        listen(event);
      }).catch(() => { stream = null; });
    });
  }

  const begin = () => void load().catch((error: Error) => {
    state.replaceChildren(say("page.failed", { reason: error.message }));
  });
  const forget = onReturn(() => {
    if (charts.length === 0) begin();
    else if (!stream) listen(0);
  });
  if (runs.length > 0) begin();
  else state.append(make("br"), make("a", { href: "#/" }, say("compare.back")));
  return () => {
    left = true;
    forget();
    stream?.close();
    samples?.destroy();
    for (const data of runs) data.close();
    for (const chart of charts) chart.destroy();
  };
}
