import { make } from "./dom";
import { say, stateName } from "./texts";
import type { Mood } from "./types";

/** A state of the referee, coloured by how it strikes a person. */
export function chip(state: string | null, mood: Mood | null | undefined, title?: string): HTMLElement {
  return state
    ? make("span", { class: `chip ${mood ?? "mid"}`, title }, stateName(state))
    : make("span", { class: "chip none" }, say("runs.no-verdict"));
}
