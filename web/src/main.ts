import "@fontsource-variable/figtree/wght.css";
import "./styles/page.scss";
import { Api } from "./api/client";
import { isUnreachable } from "./api/problem";
import { type AppDependencies, boot, setDocumentLanguage } from "./app";
import { notices } from "./components/notices";
import { siteConfig } from "./config";
import { Membership } from "./state/membership";
import { Preferences } from "./state/preferences";
import { HiddenStore, RatingStore } from "./state/ratings";
import { type InitialData, Saved } from "./state/saved";
import { preferredLanguage, setLanguage, strings } from "./strings";

const PROFILE_COUNT = 9;

const storage = browserStorage();
const preferences = new Preferences(storage);
const saved = new Saved(storage);
const noticeBar = notices();

async function start(): Promise<AppDependencies> {
  const config = await siteConfig();
  const api = new Api(config.api, { onSlow });
  const membership = config.signIn && new Membership(storage, config.signIn);
  await membership?.finishSignIn().catch(() => noticeBar.show("sign-in", strings.nav.signInFailed));
  const initialData = await fetchInitialData(api);
  return {
    ...initialData,
    api,
    apiBase: config.api,
    membership,
    scale: initialData.release.scale,
    ratings: new RatingStore(storage),
    hidden: new HiddenStore(storage),
    saved,
    preferences,
    notices: noticeBar,
  };
}

/** Data that every view needs; the saved data if the service is unavailable. */
async function fetchInitialData(api: Api): Promise<InitialData> {
  try {
    const [release, genres, profiles] = await Promise.all([api.release(), api.genres(), api.profiles(PROFILE_COUNT)]);
    saved.saveInitialData({ release, genres, profiles });
    return { release, genres, profiles };
  } catch (error) {
    const savedData = isUnreachable(error) ? saved.initialData() : null;
    if (!savedData) throw error;
    return savedData;
  }
}

let slowRequests = new Set<() => void>();

/** Shows one notice for all slow requests, with a button that cancels them. */
function onSlow(cancel: () => void): () => void {
  slowRequests.add(cancel);
  const cancelAll = () => {
    const cancels = slowRequests;
    slowRequests = new Set();
    for (const each of cancels) each();
  };
  noticeBar.show("slow", strings.notices.slow, { label: strings.notices.cancel, action: cancelAll });
  return () => {
    slowRequests.delete(cancel);
    if (slowRequests.size === 0) noticeBar.hide("slow");
  };
}

function watchConnection(): void {
  const show = () => {
    if (navigator.onLine) noticeBar.hide("offline");
    else noticeBar.show("offline", strings.notices.offline);
  };
  addEventListener("online", show);
  addEventListener("offline", show);
  show();
}

/** localStorage, or null if access is denied (reading the property throws then). */
function browserStorage(): Storage | null {
  try {
    return localStorage;
  } catch {
    return null;
  }
}

async function main(root: HTMLElement): Promise<void> {
  try {
    await setLanguage(preferredLanguage(preferences.language, navigator.languages));
  } catch {
    // The translation could not be loaded; English is built in.
  }
  setDocumentLanguage();
  watchConnection();
  await boot(root, noticeBar.element, start);
}

const root = document.getElementById("app");
if (root) void main(root);
