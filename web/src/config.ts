const DEFAULT_API = "/api";
const TIMEOUT_MS = 4_000;

/**
 * The base URL of the API, from `site-config.json`, which a deployment writes: {"api": "/api"}.
 * Without a valid file, the API is at /api on this origin.
 */
export async function apiBase(send: typeof fetch = (input, init) => fetch(input, init)): Promise<string> {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), TIMEOUT_MS);
  try {
    const response = await send("site-config.json", { cache: "no-cache", signal: controller.signal });
    if (!response.ok) return DEFAULT_API;
    const config: unknown = await response.json();
    const api = typeof config === "object" && config !== null ? (config as { api?: unknown }).api : null;
    return typeof api === "string" && api !== "" ? api.replace(/\/+$/, "") : DEFAULT_API;
  } catch {
    return DEFAULT_API;
  } finally {
    clearTimeout(timer);
  }
}
