import { en, type Strings } from "./i18n/en";

/** The languages of the page, each by its own name. */
export const LANGUAGES = { en: "English", fr: "Français" } as const;
export type Language = keyof typeof LANGUAGES;

/** Every word of the page, in the language in use. Read it where a word is shown: it changes with the language. */
export let strings: Strings = en;

export let language: Language = "en";

/** The language to start with: what was chosen before, else the first of the browser's that the page speaks. */
export function preferredLanguage(chosen: string | null, browser: readonly string[]): Language {
  const spoken = [chosen ?? "", ...browser].map((tag) => tag.toLowerCase().split("-")[0] ?? "");
  return (Object.keys(LANGUAGES) as Language[]).find((name) => name === spoken.find((tag) => tag in LANGUAGES)) ?? "en";
}

/** Speaks `next` from now on. What is on the screen has to be drawn again; other languages load when they are asked for. */
export async function speak(next: Language): Promise<void> {
  strings = next === "fr" ? (await import("./i18n/fr")).fr : en;
  language = next;
}

/** A genre's name; the API's own where the language has no word for it. */
export const genreName = (genre: string): string => strings.genreNames[genre] ?? genre;
