import { chip } from "./chip";
import { make } from "./dom";
import { evidenceList } from "./evidence";
import { whole } from "./numbers";
import { say, sayIfKnown } from "./texts";
import { Timeline } from "./timeline";
import type { RunDetails, Verdict } from "./types";

/** What the referee says: the latest verdict with its evidence and remedies, and earlier ones through time. */
export class VerdictPanel {
  readonly element: HTMLElement;
  private readonly said = make("div");
  private readonly grounds = make("div");
  private readonly earlier = make("div", { class: "earlier", hidden: true, "aria-live": "polite" });
  private readonly timeline: Timeline;
  private shown = "";

  constructor(onChoose: (step: number) => void) {
    this.timeline = new Timeline((verdict) => {
      this.showEarlier(verdict);
      onChoose(verdict.step);
    });
    this.element = make("section", { class: "verdict panel", "aria-label": say("verdict.title") },
      this.said, this.timeline.element, this.earlier, this.grounds);
  }

  take(details: RunDetails) {
    const { verdict, verdicts } = details;
    const now = JSON.stringify([verdict, details.mood, verdicts.length]);
    if (now === this.shown) return;
    this.shown = now;
    this.element.className = `verdict panel ${details.mood ?? "none"}`;
    this.said.replaceChildren(...(verdict
      ? this.words(verdict, details.mood)
      : [make("p", { class: "soft" }, say("verdict.none"))]));
    this.timeline.take(verdicts);
    const evidence = verdict?.evidence ?? [];
    const isOpen = this.grounds.querySelector("details")?.open ?? true;
    this.grounds.replaceChildren();
    if (verdict?.remedies && verdict.remedies.length > 0) this.grounds.append(remedies(verdict));
    if (evidence.length > 0) {
      this.grounds.append(make("details", { open: isOpen }, make("summary", {}, say("verdict.evidence")),
        evidenceList(evidence)));
    }
  }

  private words(verdict: Verdict, mood: RunDetails["mood"]): Node[] {
    const since = verdict.since_step > 0
      ? say("verdict.since", { step: whole(verdict.since_step) }) : say("verdict.from-start");
    const head = make("div", { class: "verdict-head" }, chip(verdict.state, mood),
      verdict.way && make("span", { class: "soft" }, say("verdict.way", { way: verdict.way })),
      make("span", { class: "soft small" }, `${since} · ${say("verdict.step", { step: whole(verdict.step) })}`));
    const nodes: Node[] = [head, make("p", { class: "sentence" }, verdict.sentence)];
    if (verdict.also.length > 0) {
      nodes.push(make("p", { class: "also small" }, say("verdict.also"),
        ...verdict.also.map((state) => chip(state, "mid"))));
    }
    return nodes;
  }

  private showEarlier(verdict: Verdict) {
    const mend = verdict.mend && say("verdict.mending", {
      attempt: verdict.mend.attempt, action: sayIfKnown(`mend.${verdict.mend.action}`, verdict.mend.action),
      what: verdict.mend.remedy.what });
    this.earlier.hidden = false;
    this.earlier.replaceChildren(
      make("div", { class: "verdict-head" }, make("b", {}, say("samples.at", { step: whole(verdict.step) })),
        chip(verdict.state, verdict.mood),
        make("button", { class: "small-button", click: () => this.hideEarlier() }, say("verdict.latest"))),
      make("p", {}, verdict.sentence),
      mend ? make("p", { class: "small" }, mend) : "");
  }

  private hideEarlier() {
    this.earlier.hidden = true;
    this.timeline.mark(null);
  }
}

function remedies(verdict: Verdict): HTMLElement {
  const links = (source: string) => source.split(/(arXiv \d{4}\.\d{4,5})/).map((part) => {
    const number = /^arXiv (.*)$/.exec(part);
    return number
      ? make("a", { href: `https://arxiv.org/abs/${number[1]}`, target: "_blank", rel: "noreferrer noopener" }, part)
      : part;
  });
  return make("div", { class: "remedies" }, make("h3", {}, say("verdict.remedies")),
    make("ol", {}, ...(verdict.remedies ?? []).map((remedy) => make("li", {}, make("b", {}, remedy.what),
      make("div", { class: "soft small" }, `${remedy.why} `,
        make("span", { class: "source" }, ...links(remedy.source)))))));
}
