/** A new element with attributes and children; `text` never becomes HTML. */
export function make<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Record<string, string> = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

/** An icon of the page's sprite; its address is taken from an icon that the server drew. */
export function icon(name: string, extra = ""): SVGSVGElement {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  svg.setAttribute("class", `icon ${extra}`.trim());
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(space, "use");
  use.setAttribute("href", `${sprite()}#${name}`);
  svg.append(use);
  return svg;
}

/** A line that is read out when it changes. */
export function sayLine(): HTMLParagraphElement {
  return make("p", { class: "say", role: "status" });
}

/** Puts words into such a line; kind: "", "good" or "error". */
export function tell(line: HTMLElement, words: string, kind: "" | "good" | "error" = ""): void {
  line.textContent = words;
  line.dataset["kind"] = kind;
}

/** "119.4,-5.1" as numbers; null when there are fewer than wanted or one is not a number. */
export function numbers(text: string | undefined, wanted: number): number[] | null {
  const found = (text ?? "").split(",").map((part) => (part.trim() ? Number(part) : NaN));
  return found.length === wanted && found.every(Number.isFinite) ? found : null;
}

export function calm(): boolean {
  return matchMedia("(prefers-reduced-motion: reduce)").matches;
}

function sprite(): string {
  const use = document.querySelector("svg.icon use");
  return use?.getAttribute("href")?.split("#")[0] ?? "";
}
