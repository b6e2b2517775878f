import { ApiError } from "./api";
import { Charts } from "./charts";
import { isShown } from "./chart_specs";
import { onReturn } from "./connection";
import { make } from "./dom";
import { LearnPanel } from "./learn";
import { ago, duration, moment, short, whole } from "./numbers";
import { measureName } from "./measures";
import { PlayPanel } from "./play";
import { Job } from "./play_api";
import { RunData, type News } from "./run_data";
import { SamplesPanel } from "./samples";
import { recipeGame, say } from "./texts";
import { VerdictPanel } from "./verdict";

/** Facts of a run in one line each. */
function facts(data: RunData): Node[] {
  const run = data.details;
  const fact = (name: string, value: Node | string, title?: string) =>
    make("div", { class: "fact", title }, make("span", { class: "soft small" }, name), make("span", {}, value));
  const [channels, height, width] = run.shape ?? [0, 0, 0];
  const size = width > 1 || height > 1 ? ` · ${width}×${height}×${channels}` : "";
  return [
    fact(say("run.recipe"), `${run.recipe} (${recipeGame(run.game)})`),
    fact(say("run.data"), make("span", { class: "data-name" }, `${run.data}${size}`), run.data),
    fact(say("run.started"), ago(run.started), moment(run.started)),
    fact(say("run.step"), whole(run.step)),
    fact(say("run.images"), whole(run.images)),
    fact(say("run.time"), duration(run.seconds)),
    fact(say("run.speed"), short(run.images_per_second)),
    ...(run.best ? [fact(say("run.best", { measure: measureName(run.best.measure) }),
      `${short(run.best.value)} (${say("runs.best-at", { step: whole(run.best.step) })})`)] : []),
  ];
}

/** The page of one run. */
export function runPage(main: HTMLElement, id: string): () => void {
  const data = new RunData(id, isShown, true);
  const state = make("p", { class: "empty" }, say("page.loading"));
  const title = make("h1");
  const live = make("span", { class: "live" }, say("run.training"));
  const factsPlace = make("div", { class: "facts" });
  const note = make("div", { class: "note", role: "status" });
  const settings = make("pre");
  const columns = make("div", { class: "run-columns" });
  let left = false;
  let charts: Charts | null = null;
  let samples: SamplesPanel | LearnPanel | null = null;
  let verdict: VerdictPanel | null = null;
  let play: PlayPanel | null = null;
  main.append(state);

  function header() {
    const run = data.details;
    title.textContent = run.name;
    document.title = `${run.name} · Forger`;
    live.hidden = !run.training || data.gone;
    factsPlace.replaceChildren(...facts(data));
    const notes = [data.gone ? say("run.gone") : "", run.note && !data.gone ? say("run.note", { note: run.note }) : "",
      !data.gone && data.names("steps").length === 0 ? say("run.empty") : ""].filter(Boolean);
    note.hidden = notes.length === 0;
    note.replaceChildren(...notes.map((words) => make("div", {}, words)));
    columns.classList.toggle("no-samples", run.previews.length === 0);
    if (settings.textContent !== run.settings) settings.textContent = run.settings;
  }

  function build() {
    charts = new Charts(data);
    const { hub } = charts;
    const Panel = data.details.points ? LearnPanel : SamplesPanel;
    samples = new Panel(data.details, (step) => hub.mark(step));
    verdict = new VerdictPanel((step) => pick(step));
    hub.onPick = pick;
    verdict.take(data.details);
    play = new PlayPanel(id);
    data.onJob = (job) => Job.take(job);
    const jump = make("button", { class: "jump primary", hidden: true, click: () => {
      jump.hidden = true;
      samples?.element.scrollIntoView({ behavior: "smooth", block: "start" });
    } });
    function pick(step: number) {
      samples?.showStep(step);
      if (!samples || data.details.previews.length === 0) return;
      if (samples.element.getBoundingClientRect().bottom > 120) return;
      jump.textContent = `↑ ${say("samples.see", { step: whole(step) })}`;
      jump.hidden = false;
    }
    const copy = make("button", { class: "small-button", click: () => {
      void navigator.clipboard.writeText(data.details.settings).then(() => { copy.textContent = say("run.copied"); });
    } }, say("run.copy"));
    columns.replaceChildren(
      make("aside", { class: "run-side" }, samples.element),
      make("div", { class: "run-main" }, verdict.element, play.element, charts.element,
        make("details", { class: "settings panel" }, make("summary", {}, say("run.settings")), copy, settings)));
    main.replaceChildren(
      make("div", { class: "run-head" }, title, live), note, factsPlace,
      columns,
      jump);
    header();
  }

  function take(news: News) {
    if (left || !charts) return;
    header();
    if (news === "rows" || news === "again") charts.take();
    if (news === "details" || news === "again") {
      samples?.take(data.details, news === "again");
      verdict?.take(data.details);
      void play?.look();
    }
  }

  async function load() {
    try {
      await data.load();
      if (left) return;
      build();
      data.listener = take;
    } catch (error) {
      const isMissing = error instanceof ApiError && error.status === 404;
      state.replaceChildren(say("page.failed", { reason: (error as Error).message }),
        make("br"), isMissing ? make("a", { href: "#/" }, say("compare.back")) : "");
    }
  }

  const clock = setInterval(() => { if (charts) header(); }, 30000);
  const forget = onReturn(() => { if (!charts) void load(); });
  void load();
  return () => {
    left = true;
    clearInterval(clock);
    forget();
    data.close();
    samples?.destroy();
    play?.destroy();
    charts?.destroy();
  };
}
