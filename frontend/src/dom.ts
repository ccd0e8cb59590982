/** A new element with attributes and children; text never becomes HTML. */
export function createElement<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Record<string, string> = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

/** An icon of the page's sprite. */
export function icon(name: string, extraClass = ""): SVGSVGElement {
  const namespace = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(namespace, "svg");
  svg.setAttribute("class", `icon ${extraClass}`.trim());
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(namespace, "use");
  use.setAttribute("href", `${spriteUrl()}#${name}`);
  svg.append(use);
  return svg;
}

/** The sprite's address has a hash in it, so it is read from an icon that the server drew; "" when there is none. */
export function spriteUrl(): string {
  const use = document.querySelector("svg.icon use");
  return use?.getAttribute("href")?.split("#")[0] ?? "";
}

/** An empty line that screen readers read out when it changes. */
export function statusLine(): HTMLParagraphElement {
  return createElement("p", { class: "say", role: "status" });
}

/** Puts words into a status line. */
export function setStatus(line: HTMLElement, words: string, kind: "" | "good" | "error" = ""): void {
  line.textContent = words;
  line.dataset["kind"] = kind;
}

/** "119.4,-5.1" as numbers; null unless there are exactly `count` of them. An empty part is no number, not 0. */
export function parseNumbers(text: string | undefined, count: number): number[] | null {
  const values = (text ?? "").split(",").map((part) => (part.trim() ? Number(part) : NaN));
  return values.length === count && values.every(Number.isFinite) ? values : null;
}

export function prefersReducedMotion(): boolean {
  return matchMedia("(prefers-reduced-motion: reduce)").matches;
}
