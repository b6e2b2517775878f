import { make } from "./dom";
import type { ModelInfo, Options } from "./play_api";
import { say, type Key } from "./texts";

interface Choice {
  name: string;
  row: HTMLElement;
  /** As the server takes it; null where the person left it as it is. */
  value: () => string | number | null;
}

interface Range {
  least: number;
  most: number;
  step: number;
  usual: number;
}

/** What can be chosen for a task on an image, folded away: only what the model takes. */
export class TaskOptions {
  readonly element = make("details", { class: "play-options" }, make("summary", {}, say("play.options")));
  private choices: Choice[] = [];

  constructor(private readonly model: ModelInfo, private readonly onChange: () => void) {}

  /** Shows those of a task. */
  choose(task: string) {
    const { model } = this;
    const choices: Record<string, Choice[]> = {
      upscale: [
        this.number("scale", "play.options.scale", { least: 0.25, most: 64, step: 0.25, usual: model.scale }),
        this.box("wrap", "play.options.wrap"), this.box("tta", "play.options.tta")],
      reconstruct: model.encoder ? [this.box("search", "play.options.search")] : [],
      translate: model.variety ? [
        this.number("seed", "play.options.seed", { least: 0, most: 2 ** 31 - 1, step: 1, usual: 1 }),
        this.box("deterministic", "play.options.deterministic")] : [],
      detect: [this.number("false_alarms", "play.options.false-alarms",
        { least: 0.01, most: 99, step: 0.01, usual: 1 }, 100)],
    };
    this.choices = choices[task] ?? [];
    this.element.hidden = this.choices.length === 0;
    this.element.replaceChildren(this.element.firstElementChild ?? "", ...this.choices.map(({ row }) => row));
  }

  values(): Options {
    return Object.fromEntries(this.choices.flatMap(({ name, value }) => {
      const chosen = value();
      return chosen === null ? [] : [[name, chosen]];
    }));
  }

  /** `parts`: so many of what the person sees are one of the server's. */
  private number(name: string, key: Key, range: Range, parts = 1): Choice {
    const id = `play-option-${name}`;
    const input = make("input", { type: "number", id, min: range.least, max: range.most, step: range.step,
      value: range.usual, change: () => { if (input.reportValidity()) this.onChange(); } });
    return { name, row: make("div", { class: "play-row" }, make("label", { for: id }, say(key)), input),
      value: () => (input.value === "" || Number(input.value) === range.usual ? null : Number(input.value) / parts) };
  }

  private box(name: string, key: Key): Choice {
    const id = `play-option-${name}`;
    const input = make("input", { type: "checkbox", id, change: () => this.onChange() });
    return { name, row: make("div", { class: "play-row" }, input, make("label", { for: id }, say(key))),
      value: () => (input.checked ? "true" : null) };
  }
}
