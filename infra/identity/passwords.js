/** Passwords as scrypt hashes: "scrypt$N$r$p$salt$hash", so that the cost can grow without losing older hashes. */

import { randomBytes, scrypt, timingSafeEqual } from "node:crypto";
import { promisify } from "node:util";

const derive = promisify(scrypt);

/** OWASP's figures for 32 MB of memory (Password Storage Cheat Sheet). */
const COST = { N: 2 ** 15, r: 8, p: 3 };
const LENGTH = 32;

export async function hashPassword(password) {
  const salt = randomBytes(16);
  const hash = await key(password, salt, COST);
  return ["scrypt", COST.N, COST.r, COST.p, salt.toString("base64"), hash.toString("base64")].join("$");
}

export async function verifyPassword(password, stored) {
  const [, N, r, p, salt, hash] = stored.split("$");
  const expected = Buffer.from(hash, "base64");
  const found = await key(password, Buffer.from(salt, "base64"), { N: Number(N), r: Number(r), p: Number(p) });
  return timingSafeEqual(found, expected);
}

/** NFKC: the same password typed on another keyboard may be composed differently (NIST SP 800-63B). */
const key = (password, salt, cost) =>
  derive(password.normalize("NFKC"), salt, LENGTH, { ...cost, maxmem: 64 * 1024 * 1024 });
