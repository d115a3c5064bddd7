import type { Genre, Home, Profile, Release } from "../api/types";
import type { ProfileRef } from "./route";
import { type KeyValueStorage, read, write } from "./stored";

/** Data loaded once, at start-up. */
export interface InitialData {
  release: Release;
  genres: Genre[];
  profiles: Profile[];
}

export interface SavedHome {
  profile: ProfileRef;
  home: Home;
  /** ISO 8601. */
  time: string;
}

/** The last successful responses, shown when the service is unavailable. */
export class Saved {
  constructor(private readonly storage: KeyValueStorage | null) {}

  initialData(): InitialData | null {
    return read(this.storage, "film-recommender.basics.v1") as InitialData | null;
  }

  saveInitialData(initialData: InitialData): void {
    write(this.storage, "film-recommender.basics.v1", initialData);
  }

  /** The saved home of a profile; null if the last one saved belongs to another profile. */
  home(profile: ProfileRef): SavedHome | null {
    const saved = read(this.storage, "film-recommender.home.v1") as SavedHome | null;
    return saved && JSON.stringify(saved.profile) === JSON.stringify(profile) ? saved : null;
  }

  saveHome(saved: SavedHome | null): void {
    write(this.storage, "film-recommender.home.v1", saved);
  }
}
