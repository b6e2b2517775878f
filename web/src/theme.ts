import { remember, remembered } from "./preferences";

export type Theme = "dark" | "light";

const darkSystem = matchMedia("(prefers-color-scheme: dark)");
const listeners = new Set<() => void>();

export function theme(): Theme {
  return remembered<Theme | null>("theme", null) ?? (darkSystem.matches ? "dark" : "light");
}

export function applyTheme() {
  document.documentElement.dataset.theme = theme();
  for (const listener of listeners) listener();
}

export function switchTheme() {
  remember("theme", theme() === "dark" ? "light" : "dark");
  applyTheme();
}

/** Calls when colours change; returns how to stop that. */
export function onTheme(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** The present value of a custom property of the style sheet, for what is drawn on a canvas. */
export function color(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

darkSystem.addEventListener("change", applyTheme);
