import "./styles/page.scss";
import { Api } from "./api/client";
import { isUnreachable } from "./api/problem";
import { boot, type Known, showLanguage } from "./app";
import { notices } from "./components/notices";
import { apiBase } from "./config";
import { Preferences } from "./state/preferences";
import { HiddenStore, RatingStore } from "./state/ratings";
import { type Basics, Saved } from "./state/saved";
import { preferredLanguage, speak, strings } from "./strings";

const PROFILES = 9;

const storage = keeper();
const preferences = new Preferences(storage);
const saved = new Saved(storage);
const board = notices();

async function start(): Promise<Known> {
  const api = new Api(await apiBase(), { onSlow });
  const basics = await askBasics(api);
  return {
    ...basics,
    api,
    scale: basics.release.scale,
    ratings: new RatingStore(storage),
    hidden: new HiddenStore(storage),
    saved,
    preferences,
    notices: board,
  };
}

/** What everything else needs to know; from last time where the service cannot be asked now. */
async function askBasics(api: Api): Promise<Basics> {
  try {
    const [release, genres, profiles] = await Promise.all([api.release(), api.genres(), api.profiles(PROFILES)]);
    saved.keepBasics({ release, genres, profiles });
    return { release, genres, profiles };
  } catch (error) {
    const before = isUnreachable(error) ? saved.basics() : null;
    if (!before) throw error;
    return before;
  }
}

let slow = new Set<() => void>();

/** Says that the service takes long, once however many requests wait, and cancels them all if that is wished. */
function onSlow(cancel: () => void): () => void {
  slow.add(cancel);
  const act = () => {
    const waiting = slow;
    slow = new Set();
    for (const end of waiting) end();
  };
  board.show("slow", strings.notices.slow, { label: strings.notices.cancel, act });
  return () => {
    slow.delete(cancel);
    if (slow.size === 0) board.hide("slow");
  };
}

function watchConnection(): void {
  const show = () => {
    if (navigator.onLine) board.hide("offline");
    else board.show("offline", strings.notices.offline);
  };
  addEventListener("online", show);
  addEventListener("offline", show);
  show();
}

/** Reading localStorage throws where the browser forbids it; then what is kept lasts as long as the page. */
function keeper(): Storage | null {
  try {
    return localStorage;
  } catch {
    return null;
  }
}

async function main(root: HTMLElement): Promise<void> {
  try {
    await speak(preferredLanguage(preferences.language, navigator.languages));
  } catch {
    // Its words could not be loaded: English is always there.
  }
  showLanguage();
  watchConnection();
  await boot(root, board.element, start);
}

const root = document.getElementById("app");
if (root) void main(root);
