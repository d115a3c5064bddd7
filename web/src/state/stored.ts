/** What this browser keeps for the page. Reading localStorage throws where the browser forbids it. */
export type Keeper = Pick<Storage, "getItem" | "setItem" | "removeItem">;

/** The API takes this many ids or ratings at once; the newest count. */
const MOST = 500;

export function read(storage: Keeper | null, key: string): unknown {
  try {
    return JSON.parse(storage?.getItem(key) ?? "null");
  } catch {
    return null; // forbidden, another page's, or an older form: start afresh rather than break
  }
}

/** null takes it away. What cannot be kept (storage is full or forbidden) lasts as long as the page. */
export function write(storage: Keeper | null, key: string, value: unknown): void {
  try {
    if (value === null) storage?.removeItem(key);
    else storage?.setItem(key, JSON.stringify(value));
  } catch {
    // Said above.
  }
}

/** Things about films, by film id, kept in this browser; those who subscribe hear of every change. */
export abstract class FilmStore<Item> {
  private readonly items: Map<string, Item>;
  private readonly listeners = new Set<() => void>();
  private readonly refused = new Set<string>();

  constructor(
    private readonly storage: Keeper | null,
    private readonly key: string,
    private readonly idOf: (item: Item) => string,
    isItem: (value: unknown) => value is Item,
  ) {
    const stored = read(storage, key);
    const valid = Array.isArray(stored) ? stored.filter(isItem) : [];
    this.items = new Map(valid.map((item) => [idOf(item), item]));
  }

  /** Oldest first. */
  list(): Item[] {
    return [...this.items.values()];
  }

  get size(): number {
    return this.items.size;
  }

  get(filmId: string): Item | null {
    return this.items.get(filmId) ?? null;
  }

  /** As the newest; several count as one change. */
  put(...items: Item[]): void {
    for (const item of items) {
      this.items.delete(this.idOf(item));
      this.refused.delete(this.idOf(item));
      this.items.set(this.idOf(item), item);
    }
    if (items.length) this.changed();
  }

  remove(filmId: string): void {
    if (this.items.delete(filmId)) this.changed();
  }

  clear(): void {
    this.items.clear();
    this.changed();
  }

  /**
   * Leaves these films out of requests: the API knows them no more, or not those stars (other data were trained on).
   * They are kept, for the day it does. Returns whether that changes a request.
   */
  refuse(filmIds: readonly string[]): boolean {
    const before = this.refused.size;
    for (const id of filmIds) this.refused.add(id);
    return this.refused.size > before;
  }

  /** Calls `listener` after every change; returns what ends that. */
  subscribe(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** What a request may carry. */
  protected accepted(): Item[] {
    return this.list()
      .filter((item) => !this.refused.has(this.idOf(item)))
      .slice(-MOST);
  }

  private changed(): void {
    write(this.storage, this.key, this.size ? this.list() : null);
    for (const listener of this.listeners) listener();
  }
}
