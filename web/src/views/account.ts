import type { Context, ViewHandle } from "../context";
import type { View } from "../state/route";
import { strings } from "../strings";
import { gateView } from "./gate";
import { lazyView } from "./lazy";

export type AccountViewName = Extract<View, "shelves" | "import" | "account">;

/** What only members have, loaded on demand; visitors are offered to sign in. */
export function accountView(context: Context, name: AccountViewName, unmounted: AbortSignal): ViewHandle {
  const { membership } = context;
  if (!membership?.member) return gateView(context);
  return lazyView("account", strings.nav[name], [], unmounted, async () =>
    (await membership.account(context)).view(name, unmounted),
  );
}
