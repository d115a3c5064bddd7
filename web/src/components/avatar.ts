import { between, randomOf } from "../art/random";
import { svg } from "../dom";
import type { ProfileRef } from "../state/route";

/** A generated face for a profile; the same profile always gets the same face. */
export function avatar(profile: ProfileRef): SVGElement {
  const random = randomOf(profile.kind === "user" ? `user ${profile.id}` : "visitor");
  const hue = Math.floor(random() * 18) * 20;
  const [ground, glow] = [`oklch(0.62 0.16 ${hue})`, `oklch(0.76 0.14 ${hue + 40})`];
  const [ink, glint] = ["#15151d", "#ffffff"];
  const smile = between(random, 4, 14);
  const eyes = between(random, 13, 19);
  const brow = between(random, -4, 4);
  const [left, right] = [50 - eyes, 50 + eyes];
  return svg(
    "svg",
    { class: "avatar", viewBox: "0 0 100 100", "aria-hidden": true, focusable: "false" },
    svg("rect", { width: 100, height: 100, fill: ground }),
    svg("circle", { cx: between(random, 10, 90), cy: between(random, 0, 30), r: 46, fill: glow, opacity: 0.7 }),
    svg("circle", { cx: left, cy: 44, r: 6, fill: ink }),
    svg("circle", { cx: right, cy: 44, r: 6, fill: ink }),
    svg("circle", { cx: left + 2, cy: 42, r: 1.8, fill: glint }),
    svg("circle", { cx: right + 2, cy: 42, r: 1.8, fill: glint }),
    svg("path", {
      d: `M${left - 6} ${32 + brow}h12M${right - 6} ${32 - brow}h12M32 ${66 - smile / 4}Q50 ${66 + smile} 68 ${66 - smile / 4}`,
      fill: "none",
      stroke: ink,
      "stroke-width": 4,
      "stroke-linecap": "round",
    }),
  );
}
