import type { FilmSummary } from "../state/ratings";
import { type KeyValueStorage, read, write } from "../state/stored";
import type { Collection } from "./member-api";

/** Something that a member did and that the service has not acknowledged yet. */
export interface Change {
  /** The Idempotency-Key: sent twice, it is carried out once. */
  key: string;
  kind: "rating" | Collection;
  film: FilmSummary;
  /** The new rating, or whether the film is kept; null or false removes. */
  value: number | boolean | null;
  /** ISO 8601: when the member did it. */
  time: string;
  /** The version of the rating that the member saw; 0 if there was none. */
  version: number;
}

/** Changes wait here, in this browser, until they arrive: when the connection is back, or after the next sign-in. */
export class Outbox {
  private readonly key: string;

  constructor(
    private readonly storage: KeyValueStorage | null,
    sub: string,
  ) {
    this.key = `film-recommender.outbox.v1.${sub}`; // never sent in another member's name
  }

  /** Oldest first. Read again each time, since another tab may have added some. */
  list(): Change[] {
    const stored = read(this.storage, this.key);
    return Array.isArray(stored) ? (stored as Change[]) : [];
  }

  /** Adds a change; it takes the place of an earlier one of the same film, and keeps the version that one saw. */
  add(change: Change): void {
    const waiting = this.list();
    const earlier = waiting.find((other) => isSame(other, change));
    const version = earlier ? earlier.version : change.version;
    this.save([...waiting.filter((other) => !isSame(other, change)), { ...change, version }]);
  }

  /** Removes a change that has arrived; a later one of the same film stays, and has seen what this one wrote. */
  remove({ key, kind, film }: Change, version: number): void {
    const rest = this.list().filter((other) => other.key !== key);
    this.save(rest.map((other) => (other.kind === kind && other.film.id === film.id ? { ...other, version } : other)));
  }

  clear(): void {
    this.save([]);
  }

  private save(changes: Change[]): void {
    write(this.storage, this.key, changes.length ? changes : null);
  }
}

const isSame = (a: Change, b: Change): boolean => a.kind === b.kind && a.film.id === b.film.id;
