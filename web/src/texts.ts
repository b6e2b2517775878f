import { en, type Key } from "./en";
import { ja } from "./ja";
import { remember, remembered } from "./preferences";

export type { Key };
export type Language = "en" | "ja";

const texts: Record<Language, Record<Key, string>> = { en, ja };

export function language(): Language {
  return remembered<Language | null>("language", null) ?? (navigator.language.startsWith("ja") ? "ja" : "en");
}

export function chooseLanguage(chosen: Language) {
  remember("language", chosen);
}

/** A text in the person's language, with {name} replaced by values. */
export function say(key: Key, values: Record<string, string | number> = {}): string {
  return texts[language()][key].replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? ""));
}

/** The text of a key that comes from data, or what stands in the data where there is none. */
export function sayIfKnown(key: string, otherwise: string): string {
  return key in en ? say(key as Key) : otherwise;
}

export const stateName = (state: string) => sayIfKnown(`state.${state}`, state);
export const recipeGame = (game: string) => sayIfKnown(`game.${game}`, game);
