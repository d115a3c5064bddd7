/** The part of localStorage that is used. */
export type KeyValueStorage = Pick<Storage, "getItem" | "setItem" | "removeItem">;

/** The API's limit of ids or ratings per request; the newest are sent. */
const MAX_SENT = 500;

export function read(storage: KeyValueStorage | null, key: string): unknown {
  try {
    return JSON.parse(storage?.getItem(key) ?? "null");
  } catch {
    return null; // access denied, or not our format: start empty
  }
}

/** null removes the key. If storage is full or denied, the value lasts only as long as the page. */
export function write(storage: KeyValueStorage | null, key: string, value: unknown): void {
  try {
    if (value === null) storage?.removeItem(key);
    else storage?.setItem(key, JSON.stringify(value));
  } catch {
    // See above.
  }
}

/** Items about films, keyed by film id and persisted in this browser; subscribers are told of every change. */
export abstract class FilmStore<Item> {
  private readonly items: Map<string, Item>;
  private readonly listeners = new Set<() => void>();
  private readonly rejected = new Set<string>();

  constructor(
    private readonly storage: KeyValueStorage | null,
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

  has(filmId: string): boolean {
    return this.items.has(filmId);
  }

  /** Adds or replaces items as the newest; listeners are called once. */
  put(...items: Item[]): void {
    for (const item of items) {
      this.items.delete(this.idOf(item));
      this.rejected.delete(this.idOf(item));
      this.items.set(this.idOf(item), item);
    }
    if (items.length) this.changed();
  }

  remove(filmId: string): void {
    if (this.items.delete(filmId)) this.changed();
  }

  clear(): void {
    this.replace([]);
  }

  /** Takes other items, oldest first, in the place of all. */
  replace(items: readonly Item[]): void {
    this.items.clear();
    for (const item of items) this.items.set(this.idOf(item), item);
    this.changed();
  }

  /**
   * Leaves these films out of requests: they are not in the API's catalogue, or their stars are not on its scale. They
   * are kept in case a later release accepts them. Returns whether requests change.
   */
  reject(filmIds: readonly string[]): boolean {
    const before = this.rejected.size;
    for (const id of filmIds) this.rejected.add(id);
    return this.rejected.size > before;
  }

  /** Calls `listener` after every change; returns the function that unsubscribes. */
  subscribe(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** The items to send with a request. */
  protected accepted(): Item[] {
    return this.list()
      .filter((item) => !this.rejected.has(this.idOf(item)))
      .slice(-MAX_SENT);
  }

  private changed(): void {
    write(this.storage, this.key, this.size ? this.list() : null);
    for (const listener of this.listeners) listener();
  }
}
