import { make } from "./dom";
import { whole } from "./numbers";
import { say, stateName } from "./texts";
import type { Verdict } from "./types";

/** The band of all verdicts of a training; a moment of it can be pointed at and chosen. */
export class Timeline {
  readonly element: HTMLElement;
  private readonly band: HTMLElement;
  private readonly tip = make("div", { class: "tip", hidden: true });
  private readonly pointer = make("div", { class: "pointer", hidden: true });
  private verdicts: Verdict[] = [];
  private chosen: number | null = null;

  constructor(private readonly onChoose: (verdict: Verdict) => void) {
    this.band = make("div", {
      class: "band", role: "slider", tabindex: 0, "aria-label": say("verdict.timeline"), "aria-valuemin": 0,
      pointermove: (event: PointerEvent) => this.hover(event), pointerleave: () => { this.tip.hidden = true; },
      click: (event: MouseEvent) => this.choose(this.at(event.clientX)),
      keydown: (event: KeyboardEvent) => this.pressed(event),
    });
    this.element = make("div", { class: "timeline" }, make("h3", {}, say("verdict.timeline")),
      make("div", { class: "band-place" }, this.band, this.pointer, this.tip));
  }

  take(verdicts: Verdict[]) {
    this.verdicts = verdicts;
    this.element.hidden = verdicts.length === 0;
    this.band.setAttribute("aria-valuemax", String(Math.max(0, verdicts.length - 1)));
    const parts: HTMLElement[] = [];
    for (let first = 0; first < verdicts.length;) {
      let end = first + 1;
      while (end < verdicts.length && verdicts[end].state === verdicts[first].state) ++end;
      const from = first === 0 ? 0 : verdicts[first - 1].step;
      const { state, mood } = verdicts[first];
      const steps = Math.max(1, verdicts[end - 1].step - from);
      parts.push(make("div", { class: `part ${mood ?? "mid"}`, style: `flex-grow: ${steps}` },
        make("span", {}, stateName(state))));
      first = end;
    }
    const last = this.last();
    for (const verdict of verdicts) {
      if (verdict.mend) parts.push(make("i", { class: "mend", style: `left: ${(100 * verdict.step) / last}%` }));
    }
    this.band.replaceChildren(...parts);
    this.place();
  }

  /** Marks the verdict that is shown; null for none. */
  mark(step: number | null) {
    this.chosen = step === null ? null : this.verdicts.findIndex((verdict) => verdict.step === step);
    this.place();
  }

  private last(): number {
    return Math.max(1, this.verdicts[this.verdicts.length - 1]?.step ?? 1);
  }

  private place() {
    const verdict = this.chosen === null ? undefined : this.verdicts[this.chosen];
    this.pointer.hidden = !verdict;
    const shown = verdict ?? this.verdicts[this.verdicts.length - 1];
    this.band.setAttribute("aria-valuenow", String(this.chosen ?? Math.max(0, this.verdicts.length - 1)));
    this.band.setAttribute("aria-valuetext", shown ? this.words(shown) : "");
    if (verdict) this.pointer.style.left = `${(100 * verdict.step) / this.last()}%`;
  }

  private words(verdict: Verdict): string {
    return `${say("samples.at", { step: whole(verdict.step) })}: ${stateName(verdict.state)}`;
  }

  /** The verdict that holds where the band is pointed at: the first one said at or after that step. */
  private at(clientX: number): number {
    const { left, width } = this.band.getBoundingClientRect();
    const step = ((clientX - left) / Math.max(1, width)) * this.last();
    const index = this.verdicts.findIndex((verdict) => verdict.step >= step);
    return index < 0 ? this.verdicts.length - 1 : index;
  }

  private hover(event: PointerEvent) {
    const verdict = this.verdicts[this.at(event.clientX)];
    if (!verdict) return;
    const { left, width } = this.band.getBoundingClientRect();
    this.tip.hidden = false;
    this.tip.textContent = this.words(verdict);
    const half = this.tip.offsetWidth / 2;
    this.tip.style.left = `${Math.min(Math.max(event.clientX - left, half), Math.max(half, width - half))}px`;
  }

  private choose(index: number) {
    const verdict = this.verdicts[index];
    if (!verdict) return;
    this.chosen = index;
    this.place();
    this.onChoose(verdict);
  }

  private pressed(event: KeyboardEvent) {
    const now = this.chosen ?? this.verdicts.length - 1;
    const next: Record<string, number> = {
      ArrowLeft: now - 1, ArrowRight: now + 1, ArrowDown: now - 1, ArrowUp: now + 1,
      Home: 0, End: this.verdicts.length - 1 };
    if (!(event.key in next)) return;
    event.preventDefault();
    this.choose(Math.min(Math.max(next[event.key], 0), this.verdicts.length - 1));
  }
}
