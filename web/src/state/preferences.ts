import { type Keeper, read, write } from "./stored";

const LANGUAGE = "film-recommender.language.v1";
const WELCOME = "film-recommender.welcome.v1";

/** Small choices that outlive the page. */
export class Preferences {
  constructor(private readonly storage: Keeper | null) {}

  get language(): string | null {
    const chosen = read(this.storage, LANGUAGE);
    return typeof chosen === "string" ? chosen : null;
  }

  set language(chosen: string | null) {
    write(this.storage, LANGUAGE, chosen);
  }

  /** Whether the visitor has passed over the first-visit questions. */
  get welcomed(): boolean {
    return read(this.storage, WELCOME) === true;
  }

  set welcomed(is: boolean) {
    write(this.storage, WELCOME, is || null);
  }
}
