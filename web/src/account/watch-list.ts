import { type FilmSummary, filmSummary, isFilmSummary } from "../state/ratings";
import { FilmStore, type KeyValueStorage } from "../state/stored";

/** Films that a member wants to see. */
export class WatchList extends FilmStore<FilmSummary> {
  constructor(storage: KeyValueStorage | null) {
    super(storage, "film-recommender.list.v1", ({ id }) => id, isFilmSummary);
  }

  keep(film: FilmSummary): void {
    this.put(filmSummary(film));
  }
}
