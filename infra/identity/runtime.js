/**
 * oidc-provider asks for Node 22 and warns of every older one as it is loaded. It runs on Node 20, as the tests show,
 * once `URL.parse` is there. Import this before it.
 */

URL.parse ??= (text, base) => (URL.canParse(text, base) ? new URL(text, base) : null);

const { warn } = console;
console.warn = (...message) => {
  if (!String(message[0]).includes("Unsupported runtime")) warn(...message);
};
