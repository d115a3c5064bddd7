/** Names that the page's site-config.json and the function's settings have, too (infra/identity.py). */

export const CLIENT = "film-recommender";
export const RESOURCE = "urn:film-recommender:api";
export const SCOPE = "me";

export const PATHS = { interaction: "/interaction", reset: "/reset", account: "/account", manage: "/manage" };
