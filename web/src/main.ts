import "./styles/page.scss";
import { Api } from "./api/client";
import { boot, type Known } from "./app";
import { apiBase } from "./config";
import { RatingStore } from "./state/ratings";

const PROFILES = 9;

async function start(): Promise<Known> {
  const api = new Api(await apiBase());
  const [release, genres, profiles] = await Promise.all([api.release(), api.genres(), api.profiles(PROFILES)]);
  return { api, genres, profiles, release: release.release, scale: release.scale, ratings: new RatingStore(storage()) };
}

/** Reading localStorage throws where the browser forbids it; then the ratings last as long as the page. */
function storage(): Storage | null {
  try {
    return localStorage;
  } catch {
    return null;
  }
}

const root = document.getElementById("app");
if (root) void boot(root, start);
