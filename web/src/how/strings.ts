import { language } from "../strings";
import { type HowStrings, howEn } from "./i18n/en";
import { howFr } from "./i18n/fr";

/** The copy of "How it works" in the current language. */
export const howStrings = (): HowStrings => (language === "fr" ? howFr : howEn);
