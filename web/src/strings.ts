import { en, type Strings } from "./i18n/en";

/** The languages of the page by their own names. */
export const LANGUAGES = { en: "English", fr: "Français" } as const;
export type Language = keyof typeof LANGUAGES;

/** The copy in the current language. Do not cache it across a language change. */
export let strings: Strings = en;

export let language: Language = "en";

/** The initial language: the saved choice, else the first of the browser's languages that the page has. */
export function preferredLanguage(saved: string | null, browser: readonly string[]): Language {
  const tags = [saved ?? "", ...browser].map((tag) => tag.toLowerCase().split("-")[0] ?? "");
  return (Object.keys(LANGUAGES) as Language[]).find((name) => name === tags.find((tag) => tag in LANGUAGES)) ?? "en";
}

/** Switches the language; loads its copy if needed. The caller renders the page again. */
export async function setLanguage(next: Language): Promise<void> {
  strings = next === "fr" ? (await import("./i18n/fr")).fr : en;
  language = next;
}

/** A genre's translated name, or the API's name if there is no translation. */
export const genreName = (genre: string): string => strings.genreNames[genre] ?? genre;
