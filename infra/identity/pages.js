/** The pages as HTML, in the style of the site. They work without scripts; the only one sends the sign-out form. */

import { createHash } from "node:crypto";
import { MIN_PASSWORD } from "./accounts.js";
import { TEXT } from "./text.js";

const STYLE = `
:root { color-scheme: dark; font-family: "Figtree Variable", Arial, sans-serif; line-height: 1.5 }
body { display: grid; place-content: center; min-height: 100vh; margin: 0; padding: 1rem; box-sizing: border-box;
  background: #0d0d12; color: #f1f1f4 }
main { width: min(24rem, 100vw - 2rem) }
.brand { color: #e5383b; font-size: 1.45rem; font-weight: 900; letter-spacing: -.045em; text-transform: uppercase }
h1 { font-size: 1.8rem; font-weight: 800; letter-spacing: -.02em }
form { display: grid; gap: .35rem }
label { margin-top: .6rem; color: #b4b4c2; font-size: .85rem }
input { padding: .55rem .75rem; border: 1px solid #757588; border-radius: .4rem; background: #1b1b24; color: inherit;
  font: inherit }
button { margin-top: 1.2rem; padding: .6rem 1rem; border: 0; border-radius: .4rem; background: #c9252d; color: #fff;
  font: inherit; font-weight: 600; cursor: pointer }
:focus-visible { outline: 3px solid #fff; outline-offset: 2px }
nav { display: grid; gap: .6rem; margin-top: 1.5rem }
a { color: inherit }
p, .hint { color: #b4b4c2 }
.hint { font-size: .8rem }
[role=alert] { color: #ffb3b3 }
`;
const SUBMIT = "document.forms[0].requestSubmit(document.querySelector('button'))";

const sha256 = (text) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;

/** `sites` may be the end of the redirections after a form. */
export const pageHeaders = (sites) => ({
  "content-type": "text/html; charset=utf-8",
  "cache-control": "no-store",
  "content-security-policy": [
    "default-src 'none'",
    "img-src data:",
    `style-src ${sha256(STYLE)}`,
    `script-src ${sha256(SUBMIT)}`,
    `form-action 'self' ${sites.join(" ")}`,
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join("; "),
  "referrer-policy": "same-origin", // forms tell where they come from; links to elsewhere tell nothing
  "x-content-type-options": "nosniff",
});

/** The language that the site asks for (`ui_locales`), else the browser's; English if it is neither. */
export function languageOf({ headers }, asked = "") {
  const wanted = `${asked} ${headers["accept-language"] ?? ""}`.toLowerCase().match(/[a-z]{2,3}/g) ?? [];
  return wanted.find((tag) => tag in TEXT) ?? "en";
}

/** Each takes the language first; `error` is a key of the errors in text.js, and `email` was typed before. */
export const page = {
  signIn: (language, uid, { error, email } = {}) =>
    form(language, "signIn", `/interaction/${uid}/sign-in`, { error }, (t) => [
      emailField(t.email, email),
      passwordField(t.password, "current-password"),
      button(t.signIn),
      links([`/interaction/${uid}/sign-up`, t.signUp], [`/interaction/${uid}/forgotten`, t.forgotten]),
    ]),
  signUp: (language, uid, { error, email } = {}) =>
    form(language, "signUp", `/interaction/${uid}/sign-up`, { error }, (t) => [
      emailField(t.email, email),
      newPasswordField(t, t.password),
      button(t.signUp),
      links([`/interaction/${uid}`, t.back]),
    ]),
  forgotten: (language, uid) =>
    form(language, "forgotten", `/interaction/${uid}/forgotten`, { intro: "forgottenIntro" }, (t) => [
      emailField(t.email),
      button(t.send),
      links([`/interaction/${uid}`, t.back]),
    ]),
  reset: (language, token, { error } = {}) =>
    form(language, "reset", "/reset", { error }, (t) => [
      `<input type="hidden" name="token" value="${escapeHtml(token)}">`,
      newPasswordField(t, t.newPassword),
      button(t.reset),
    ]),
  manage: (language, site, { error, email } = {}) =>
    form(language, "manage", "/manage", { error }, (t) => [
      emailField(t.newEmail, email),
      passwordField(t.password, "current-password"),
      button(t.change),
      links([`${site}/`, t.toSite]),
    ]),
  /** `form` is oidc-provider's; the button is outside of it. */
  signOut: (language, form, atOnce) => {
    const t = TEXT[language];
    const send = `<button name="logout" value="yes" form="op.logoutForm">${t.signOut}</button>`;
    return document(language, t.signOut, `${form}${send}${atOnce ? `<script>${SUBMIT}</script>` : ""}`);
  },
  /** A message of text.js, with a link to the `site` or to another `link`. */
  message: (language, name, { site, link, detail }) => {
    const t = TEXT[language];
    const [heading, text] = t.messages[name];
    const more = detail ? `<p class="hint">${escapeHtml(detail)}</p>` : "";
    return document(language, heading, `<p>${text}</p>${more}${links(link ? [link, t.back] : [`${site}/`, t.toSite])}`);
  },
};

function form(language, title, action, { error, intro }, fields) {
  const t = TEXT[language];
  const alert = error ? `<p role="alert">${t.errors[error]}</p>` : "";
  const text = intro ? `<p>${t[intro]}</p>` : "";
  const [inputs, after] = [fields(t).filter((field) => !isLinks(field)), fields(t).filter(isLinks)];
  return document(
    language,
    t[title],
    `${text}${alert}<form method="post" action="${escapeHtml(action)}">${inputs.join("")}</form>${after.join("")}`,
  );
}

const isLinks = (field) => field.startsWith("<nav");

const document = (language, title, content) => `<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} · ${TEXT[language].brand}</title>
<link rel="icon" href="data:,">
<style>${STYLE}</style>
</head>
<body><main><div class="brand">${TEXT[language].brand}</div><h1>${title}</h1>${content}</main></body>
</html>
`;

const emailField = (label, value = "") =>
  `<label for="email">${label}</label><input id="email" name="email" type="email" autocomplete="username" required maxlength="254" value="${escapeHtml(value)}">`;

const passwordField = (label, autocomplete, more = "") =>
  `<label for="password">${label}</label><input id="password" name="password" type="password" autocomplete="${autocomplete}" required maxlength="200"${more}>`;

const newPasswordField = (t, label) =>
  `${passwordField(label, "new-password", ` minlength="${MIN_PASSWORD}" aria-describedby="hint"`)}<span class="hint" id="hint">${t.passwordHint}</span>`;

const button = (label) => `<button>${label}</button>`;

const links = (...targets) =>
  `<nav>${targets.map(([href, label]) => `<a href="${escapeHtml(href)}">${label}</a>`).join("")}</nav>`;

const escapeHtml = (text) =>
  text.replace(/[&<>"']/g, (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" })[c]);
