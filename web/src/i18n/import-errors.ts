import { language } from "../strings";

/** Why a file of ratings cannot be imported, in both languages; loaded with the format. */
export const importErrorsEn = {
  large: "This file is too large to be a ratings export.",
  notJson: "This file is not valid JSON. Choose a file that was exported from this page.",
  notRatings: "This file is not a ratings export: it has no list of ratings.",
  film: (index: number) => `Rating ${index} has no film with an id and a title.`,
  value: (index: number, title: string, min: string, max: string) =>
    `Rating ${index} (${title}) is not valid on the scale from ${min} to ${max}.`,
  hidden: (index: number) => `Hidden film ${index} has no id or no title.`,
};

export const importErrorsFr: typeof importErrorsEn = {
  large: "Ce fichier est trop volumineux pour être un export de notes.",
  notJson: "Ce fichier n’est pas un JSON valide. Choisissez un fichier exporté depuis cette page.",
  notRatings: "Ce fichier n’est pas un export de notes : il ne contient aucune liste de notes.",
  film: (index) => `La note ${index} n’a pas de film avec un identifiant et un titre.`,
  value: (index, title, min, max) => `La note ${index} (${title}) n’est pas valide sur l’échelle de ${min} à ${max}.`,
  hidden: (index) => `Le film masqué ${index} n’a pas d’identifiant ou de titre.`,
};

export const importErrors = () => (language === "fr" ? importErrorsFr : importErrorsEn);
