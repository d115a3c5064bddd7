/**
 * Accounts, keys, sessions and tokens in one LMDB file. A write is on the disk before its promise resolves, and a
 * transaction is there as a whole or not at all, even after kill -9.
 */

import { chmodSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { open } from "lmdb";

const PURGE_MS = 3_600_000;

const now = () => Math.floor(Date.now() / 1000);

/** Opens the file in `folder`, which only this user may read, and removes what has expired, now and every hour. */
export function openStore(folder) {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, "identity.lmdb");
  // Without overlappingSync a commit waits for the disk.
  const store = open({ path, overlappingSync: false });
  chmodSync(path, 0o600);
  const purge = () => store.transaction(() => removeWhere(store, ({ expires }) => expires < now()));
  purge();
  const timer = setInterval(purge, PURGE_MS).unref();
  const close = store.close.bind(store);
  store.close = () => {
    clearInterval(timer);
    return close();
  };
  return store;
}

/** Within a transaction: removes every entry whose value `isOld`. */
function removeWhere(store, isOld) {
  for (const { key, value } of [...store.getRange()]) if (isOld(value)) store.remove(key);
}

/** Within a transaction: ends everything that an account has begun, such as sessions and refresh tokens. */
export function endSessions(store, account) {
  removeWhere(store, ({ payload }) => (payload?.accountId ?? payload?.session?.accountId) === account);
}

/** The adapter of oidc-provider: `new (adapterFor(store))("Session")`. */
export const adapterFor = (store) =>
  class Adapter {
    constructor(model) {
      this.model = model;
    }

    key(id) {
      return ["oidc", this.model, id];
    }

    async upsert(id, payload, expiresIn) {
      const expires = expiresIn === undefined ? Number.POSITIVE_INFINITY : now() + expiresIn;
      await store.transaction(() => {
        store.put(this.key(id), { payload, expires });
        if (payload.uid) store.put(["uid", payload.uid], { id, expires });
        if (payload.grantId) store.put(["grant", payload.grantId, this.model, id], { id, expires });
      });
    }

    async find(id) {
      const entry = store.get(this.key(id));
      return entry && entry.expires >= now() ? entry.payload : undefined;
    }

    async findByUid(uid) {
      const entry = store.get(["uid", uid]);
      return entry && this.find(entry.id);
    }

    /** Marks a code or a refresh token as used: used again, it revokes its grant. */
    async consume(id) {
      await store.transaction(() => {
        const entry = store.get(this.key(id));
        if (entry) store.put(this.key(id), { ...entry, payload: { ...entry.payload, consumed: now() } });
      });
    }

    async destroy(id) {
      await store.remove(this.key(id));
    }

    async revokeByGrantId(grantId) {
      await store.transaction(() => {
        for (const key of [...store.getKeys({ start: ["grant", grantId] })]) {
          const [kind, grant, model, id] = key;
          if (kind !== "grant" || grant !== grantId) break;
          store.remove(["oidc", model, id]);
          store.remove(key);
        }
      });
    }
  };
