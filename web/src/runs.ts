import { get, Stream } from "./api";
import { onReturn } from "./connection";
import { breakable, make } from "./dom";
import { chip } from "./chip";
import { ago, moment, short, whole } from "./numbers";
import { measureName } from "./measures";
import { remember, remembered } from "./preferences";
import { say, stateName, type Key } from "./texts";
import type { Mood, Run } from "./types";

const mostCompared = 8;

interface Column {
  key: string;
  title: Key;
  sort: (run: Run) => string | number;
  falling?: boolean;
  cell: (run: Run) => Node | string;
  number?: boolean;
}

const moodOrder: Record<string, number> = { bad: 0, mid: 1, good: 2 };

const columns: Column[] = [
  { key: "state", title: "runs.verdict", sort: (run) => (moodOrder[run.mood ?? ""] ?? 3) + stateName(run.state ?? ""),
    cell: (run) => chip(run.state, run.mood, run.sentence ?? undefined) },
  { key: "name", title: "runs.run", sort: (run) => run.name.toLowerCase(), cell: nameCell },
  { key: "data", title: "runs.data", sort: (run) => run.data.toLowerCase(), cell: dataCell },
  { key: "started", title: "runs.started", sort: (run) => run.started ?? "", falling: true,
    cell: (run) => make("time", { title: moment(run.started), datetime: run.started }, ago(run.started)) },
  { key: "changed", title: "runs.changed", sort: (run) => run.changed ?? "", falling: true,
    cell: (run) => make("time", { title: moment(run.changed), datetime: run.changed }, ago(run.changed)) },
  { key: "step", title: "runs.step", sort: (run) => run.step, falling: true, number: true,
    cell: (run) => whole(run.step) },
  { key: "speed", title: "runs.speed", sort: (run) => run.images_per_second ?? -1, falling: true, number: true,
    cell: (run) => short(run.images_per_second) },
  { key: "best", title: "runs.best", sort: (run) => run.best?.value ?? Infinity, number: true, cell: bestCell },
];

function nameCell(run: Run): Node {
  const live = run.training && make("span", { class: "live", title: say("runs.now") }, say("runs.now"));
  return make("div", {},
    make("a", { class: "run-name", href: `#/run/${run.id}` }, ...breakable(run.name)), live,
    make("div", { class: "soft small" }, run.recipe), run.note && make("div", { class: "note small" }, run.note));
}

function dataCell(run: Run): Node {
  const parts = run.data.split("/");
  const brief = parts.length > 3 ? `…/${parts.slice(-2).join("/")}` : run.data;
  const [channels, height, width] = run.shape ?? [0, 0, 0];
  const sizes = width > 1 || height > 1 ? `${width}×${height}` : "";
  return make("div", { title: run.data }, brief,
    sizes && make("div", { class: "soft small", title: say("runs.images-of", { width, height, channels }) }, sizes));
}

function bestCell(run: Run): Node | string {
  if (!run.best) return "–";
  return make("div", {}, short(run.best.value),
    make("div", { class: "soft small" },
      `${measureName(run.best.measure)}, ${say("runs.best-at", { step: whole(run.best.step) })}`));
}

type Share = "all" | "training" | Mood;
const shares: Share[] = ["all", "training", "good", "mid", "bad"];

function belongs(run: Run, share: Share): boolean {
  if (share === "all") return true;
  return share === "training" ? run.training : run.mood === share;
}

/** The table of all runs, live. */
export function runsPage(main: HTMLElement): () => void {
  const runs = new Map<string, Run>();
  const chosen = new Set<string>();
  let sorted = remembered("runs.sort", { key: "changed", falling: true });
  let share: Share = "all";
  let words: string[] = [];
  let unreadable: { name: string; reason: string }[] = [];
  let stream: Stream | null = null;
  let left = false;

  const filter = make("input", {
    type: "search", placeholder: say("runs.filter"), "aria-label": say("runs.filter"), input: () => {
      words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
      render();
    } });
  const shareBar = make("div", { class: "shares", role: "group" });
  const heads = new Map<string, HTMLTableCellElement>();
  const headRow = make("tr", {},
    make("th", { class: "choose" }, make("span", { class: "hidden-text" }, say("runs.compare"))));
  const body = make("tbody");
  const table = make("table", { class: "runs" }, make("thead", {}, headRow), body);
  const empty = make("p", { class: "empty" }, say("page.loading"));
  const trouble = make("div", { class: "note" });
  const bar = make("div", { class: "compare-bar", role: "region", "aria-label": say("runs.compare"), hidden: true });

  for (const column of columns) {
    const button = make("button", { class: "sort", click: () => sortBy(column) }, say(column.title));
    const head = make("th", { scope: "col", class: column.number ? `number ${column.key}` : column.key }, button);
    heads.set(column.key, head);
    headRow.append(head);
  }
  main.append(make("h1", {}, say("runs.title")), make("div", { class: "runs-tools" }, filter, shareBar), table, empty,
    trouble, bar);

  function sortBy(column: Column) {
    const falling = sorted.key === column.key ? !sorted.falling : column.falling === true;
    sorted = { key: column.key, falling };
    remember("runs.sort", sorted);
    render();
  }

  function matches(run: Run): boolean {
    const text = [run.name, run.recipe, run.data, run.state ?? "", run.state ? stateName(run.state) : "", run.game]
      .join(" ").toLowerCase();
    return belongs(run, share) && words.every((word) => text.includes(word));
  }

  function ordered(): Run[] {
    const column = columns.find(({ key }) => key === sorted.key) ?? columns[0];
    return [...runs.values()].filter(matches).sort((one, other) => {
      const [a, b] = [column.sort(one), column.sort(other)];
      const order = a < b ? -1 : a > b ? 1 : one.name.localeCompare(other.name, undefined, { numeric: true });
      return sorted.falling ? -order : order;
    });
  }

  function row(run: Run): HTMLElement {
    const box = make("input", {
      type: "checkbox", "aria-label": say("runs.choose", { name: run.name }), checked: chosen.has(run.id),
      "data-focus": run.id, disabled: !chosen.has(run.id) && chosen.size >= mostCompared,
      change: () => {
        if (box.checked) chosen.add(run.id);
        else chosen.delete(run.id);
        render();
      } });
    const line = make("tr", { class: run.training ? "training" : null, click: open },
      make("td", { class: "choose" }, make("label", {}, box)));
    for (const column of columns) {
      const kind = column.number ? `number ${column.key}` : column.key;
      line.append(make("td", { class: kind, "data-label": say(column.title) }, column.cell(run)));
    }
    function open(event: MouseEvent) {
      if ((event.target as Element).closest("a, label, input") || getSelection()?.toString()) return;
      location.hash = `#/run/${run.id}`;
    }
    return line;
  }

  function render() {
    // Rows are made anew; whoever stands on one with the keyboard stays there.
    const active = document.activeElement as HTMLElement | null;
    const focused = body.contains(active) ? active?.dataset.focus ?? active?.getAttribute("href") : null;
    const rows = ordered();
    body.replaceChildren(...rows.map(row));
    if (focused) body.querySelector<HTMLElement>(`[data-focus="${focused}"], a[href="${focused}"]`)?.focus();
    table.hidden = rows.length === 0;
    empty.hidden = rows.length > 0;
    empty.textContent = say(runs.size === 0 ? "runs.none" : "runs.no-match");
    for (const [key, head] of heads) {
      head.setAttribute("aria-sort", key !== sorted.key ? "none" : sorted.falling ? "descending" : "ascending");
    }
    shareBar.replaceChildren(...shares.map((each) => {
      const count = [...runs.values()].filter((run) => belongs(run, each)).length;
      return make("button", { class: `share ${each}`, "aria-pressed": String(each === share), disabled: count === 0,
        click: () => { share = each; render(); } }, `${say(`runs.${each}`)} `, make("b", {}, String(count)));
    }));
    trouble.replaceChildren(...unreadable.map(({ name, reason }) =>
      make("div", {}, `${say("runs.unreadable")} ${name} (${reason})`)));
    renderBar();
  }

  function renderBar() {
    bar.hidden = chosen.size === 0;
    bar.replaceChildren(
      make("span", {}, say("runs.chosen", { count: chosen.size }),
        chosen.size >= mostCompared
          && make("span", { class: "soft" }, ` ${say("runs.most", { count: mostCompared })}`)),
      make("a", { class: "button primary", href: `#/compare/${[...chosen].join(",")}` }, say("runs.compare")),
      make("button", { click: () => { chosen.clear(); render(); } }, say("runs.clear")));
  }

  async function load() {
    stream?.close();
    stream = null;
    try {
      const all = await get<{ event: number; runs: Run[]; unreadable?: { name: string; reason: string }[] }>("runs");
      if (left) return;
      runs.clear();
      for (const run of all.runs) runs.set(run.id, run);
      for (const id of chosen) if (!runs.has(id)) chosen.delete(id);
      unreadable = all.unreadable ?? [];
      render();
      stream = new Stream("events", all.event, { runs: take, again: () => void load() }, () => void load());
    } catch (error) {
      if (runs.size === 0) empty.textContent = say("page.failed", { reason: String((error as Error).message) });
    }
  }

  function take(news: { runs: Run[]; gone: string[] }) {
    for (const run of news.runs) runs.set(run.id, run);
    for (const id of news.gone) {
      runs.delete(id);
      chosen.delete(id);
    }
    render();
  }

  const clock = setInterval(render, 30000);
  const forget = onReturn(() => { if (!stream) void load(); });
  void load();
  return () => {
    left = true;
    clearInterval(clock);
    forget();
    stream?.close();
  };
}
