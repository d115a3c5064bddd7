import { type KeyValueStorage, read, write } from "./stored";

const LANGUAGE = "film-recommender.language.v1";
const WELCOME = "film-recommender.welcome.v1";

/** Settings persisted in this browser. */
export class Preferences {
  constructor(private readonly storage: KeyValueStorage | null) {}

  get language(): string | null {
    const value = read(this.storage, LANGUAGE);
    return typeof value === "string" ? value : null;
  }

  set language(value: string | null) {
    write(this.storage, LANGUAGE, value);
  }

  /** Whether the visitor has finished or skipped the welcome view. */
  get welcomed(): boolean {
    return read(this.storage, WELCOME) === true;
  }

  set welcomed(value: boolean) {
    write(this.storage, WELCOME, value || null);
  }
}
