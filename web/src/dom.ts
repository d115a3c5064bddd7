/**
 * Elements without a framework: `h("button", { type: "button", on: { click } }, "Play")`.
 *
 * Text is always set as text, never parsed as HTML; no style attribute is ever written, so the page needs no
 * 'unsafe-inline' in its Content-Security-Policy (`vars` sets custom properties through the CSSOM, which it allows).
 */

type Child = Node | string | null | undefined | false;
type Attribute = string | number | boolean | null | undefined;

interface Properties {
  class?: string;
  /** Listeners by event name. */
  on?: { [Name in keyof HTMLElementEventMap]?: (event: HTMLElementEventMap[Name]) => void };
  /** CSS custom properties by name: { "--fill": "84%" }. */
  vars?: Record<string, string>;
  [attribute: string]: Attribute | object;
}

export function h<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  properties: Properties = {},
  ...children: Child[]
): HTMLElementTagNameMap[Tag] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name === "on" || name === "vars") continue;
    setAttribute(element, name, value as Attribute);
  }
  for (const [name, listener] of Object.entries(properties.on ?? {})) {
    element.addEventListener(name, listener as EventListener);
  }
  for (const [name, value] of Object.entries(properties.vars ?? {})) element.style.setProperty(name, value);
  append(element, children);
  return element;
}

const SVG = "http://www.w3.org/2000/svg";

export function svg(tag: string, attributes: Record<string, Attribute> = {}, ...children: Child[]): SVGElement {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) setAttribute(element, name, value);
  append(element, children);
  return element;
}

/** true sets an empty attribute; false and null leave it out, except that ARIA states are the text "true" or "false". */
function setAttribute(element: Element, name: string, value: Attribute): void {
  if (value === null || value === undefined) return;
  if (name.startsWith("aria-")) element.setAttribute(name, String(value));
  else if (value === true) element.setAttribute(name, "");
  else if (value !== false) element.setAttribute(name, String(value));
}

function append(element: Element, children: Child[]): void {
  for (const child of children) if (child !== null && child !== undefined && child !== false) element.append(child);
}

let count = 0;

/** A unique element id. */
export const uniqueId = (prefix: string): string => {
  count += 1;
  return `${prefix}-${count}`;
};

/** Announces `text` to screen readers without moving the focus. */
export function announce(text: string): void {
  const region = document.getElementById("live");
  if (region) region.textContent = text;
}
