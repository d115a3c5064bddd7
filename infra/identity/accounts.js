/** Accounts: an e-mail address and a password. An account's id never changes, and it is all that the site learns. */

import { createHash, randomBytes, randomUUID } from "node:crypto";
import { hashPassword, verifyPassword } from "./passwords.js";
import { endSessions } from "./store.js";

export const MIN_PASSWORD = 10;
const MAX_PASSWORD = 200;
const MAX_FAILURES = 5;
const WAIT_S = 15 * 60;
const RESET_S = 60 * 60;

/** Why something was refused; `reason` is a key of text.js. */
export class AccountError extends Error {
  constructor(reason) {
    super(reason);
    this.reason = reason;
  }
}

export class Accounts {
  constructor(store) {
    this.store = store;
    this.nobody = hashPassword(randomUUID()); // so that an unknown address takes as long as a wrong password
  }

  find(id) {
    return this.store.get(["account", id]);
  }

  /** Throws AccountError: "email", "password" or "taken". */
  async signUp(typedEmail, password) {
    const email = normalized(typedEmail);
    checkPassword(password);
    const account = { id: randomUUID(), email, password: await hashPassword(password), created: Date.now() };
    const isNew = await this.store.transaction(() => {
      if (this.store.get(["email", email])) return false;
      this.store.put(["account", account.id], account);
      this.store.put(["email", email], { id: account.id });
      return true;
    });
    if (!isNew) throw new AccountError("taken");
    return account;
  }

  /** Throws AccountError: "wrong", or "wait" after five failures in a quarter of an hour. */
  async signIn(typedEmail, password) {
    const email = typedEmail.trim().toLowerCase();
    const attempts = ["attempts", digest(email)];
    const seconds = Math.floor(Date.now() / 1000);
    const recent = () => {
      const entry = this.store.get(attempts);
      return entry && entry.expires >= seconds ? entry : { failures: 0, expires: seconds + WAIT_S };
    };
    if (recent().failures >= MAX_FAILURES) throw new AccountError("wait");
    const account = this.find(this.store.get(["email", email])?.id ?? "");
    const isRight = await verifyPassword(password.slice(0, MAX_PASSWORD), account?.password ?? (await this.nobody));
    if (!account || !isRight) {
      await this.store.transaction(() => {
        const entry = recent();
        this.store.put(attempts, { ...entry, failures: entry.failures + 1 });
      });
      throw new AccountError("wrong");
    }
    await this.store.remove(attempts);
    return account;
  }

  /** A token that sets a new password, once and within an hour; null if nobody has this address. */
  async resetToken(email) {
    const id = this.store.get(["email", email.trim().toLowerCase()])?.id;
    if (!id) return null;
    const token = `${id}.${randomBytes(32).toString("base64url")}`;
    const expires = Math.floor(Date.now() / 1000) + RESET_S;
    await this.store.put(["reset", id], { token: digest(token), expires }); // an earlier one is void
    return token;
  }

  /** Sets a new password and ends every session. Throws AccountError: "password" or "expired". */
  async resetPassword(token, password) {
    checkPassword(password);
    const hash = await hashPassword(password);
    const isDone = await this.store.transaction(() => {
      const [id] = token.split(".");
      const key = ["reset", id];
      const entry = this.store.get(key);
      const account = this.find(id);
      if (!account || entry?.token !== digest(token) || entry.expires * 1000 < Date.now()) return false;
      this.store.remove(key);
      this.store.remove(["attempts", digest(account.email)]);
      this.store.put(["account", account.id], { ...account, password: hash });
      endSessions(this.store, account.id);
      return true;
    });
    if (!isDone) throw new AccountError("expired");
  }

  /** Throws AccountError: "wrong" password, "email" or "taken". The account, and so its data, stays the same. */
  async changeEmail(id, password, typedEmail) {
    const email = normalized(typedEmail);
    const account = this.find(id);
    if (!account || !(await verifyPassword(password.slice(0, MAX_PASSWORD), account.password))) {
      throw new AccountError("wrong");
    }
    const isDone = await this.store.transaction(() => {
      if (this.store.get(["email", email])) return false;
      this.store.remove(["email", account.email]);
      this.store.put(["email", email], { id });
      this.store.put(["account", id], { ...account, email });
      return true;
    });
    if (!isDone) throw new AccountError("taken");
  }

  /** Deletes the account with its sessions and tokens. */
  async delete(id) {
    await this.store.transaction(() => {
      const account = this.find(id);
      if (!account) return;
      this.store.remove(["account", id]);
      this.store.remove(["email", account.email]);
      this.store.remove(["attempts", digest(account.email)]);
      this.store.remove(["reset", id]);
      endSessions(this.store, id);
    });
  }
}

function normalized(email) {
  const text = email.trim().toLowerCase();
  if (text.length > 254 || !/^[^\s@]+@[^\s@]+$/.test(text)) throw new AccountError("email");
  return text;
}

function checkPassword(password) {
  if (password.length < MIN_PASSWORD || password.length > MAX_PASSWORD) throw new AccountError("password");
}

const digest = (text) => createHash("sha256").update(text).digest("base64url");
