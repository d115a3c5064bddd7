import type { Genre, Home, Profile, Release } from "../api/types";
import type { Who } from "./route";
import { type Keeper, read, write } from "./stored";

/** What the page asks for once, at its start. */
export interface Basics {
  release: Release;
  genres: Genre[];
  profiles: Profile[];
}

export interface SavedHome {
  who: Who;
  home: Home;
  /** When, in ISO 8601. */
  time: string;
}

/** The last good answers, for when the service cannot be asked. Written and read by this page alone. */
export class Saved {
  constructor(private readonly storage: Keeper | null) {}

  basics(): Basics | null {
    return read(this.storage, "film-recommender.basics.v1") as Basics | null;
  }

  keepBasics(basics: Basics): void {
    write(this.storage, "film-recommender.basics.v1", basics);
  }

  /** The home of whoever is watching; null where the last one kept is another's. */
  home(who: Who): SavedHome | null {
    const saved = read(this.storage, "film-recommender.home.v1") as SavedHome | null;
    return saved && JSON.stringify(saved.who) === JSON.stringify(who) ? saved : null;
  }

  keepHome(saved: SavedHome | null): void {
    write(this.storage, "film-recommender.home.v1", saved);
  }
}
