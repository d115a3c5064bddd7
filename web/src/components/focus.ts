/**
 * Runs `update`, which replaces films in lists. If the focused film is removed, the film that takes its place gets the
 * focus, on the same control; if there is none, the heading of the view does.
 */
export function keepFocus(update: () => void): void {
  const focused = document.activeElement as HTMLElement | null;
  const item = focused?.closest("li, .hero");
  const list = item?.parentElement;
  const index = item && list ? [...list.children].indexOf(item) : -1;
  const view = focused?.closest("dialog, main");
  update();
  if (!focused || document.activeElement === focused) return;
  const successor = list?.isConnected ? list.children[Math.min(index, list.childElementCount - 1)] : null;
  const target = focused.isConnected ? focused : successor?.querySelector<HTMLElement>(focused.tagName);
  (target ?? view?.querySelector<HTMLElement>("h1, h2"))?.focus({ preventScroll: true });
}
