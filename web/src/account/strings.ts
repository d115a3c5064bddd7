import { language } from "../strings";
import { type MemberStrings, memberEn } from "./i18n/en";
import { memberFr } from "./i18n/fr";

/** The members' copy in the current language. */
export const memberStrings = (): MemberStrings => (language === "fr" ? memberFr : memberEn);
