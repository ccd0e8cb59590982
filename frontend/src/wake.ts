// Brings the parts of a page to life; each script is loaded only when its element is there.

type Start = (element: HTMLElement) => void;

const PARTS: readonly (readonly [string, () => Promise<{ start: Start }>])[] = [
  ['[data-island="map"]', () => import("./islands/map/map")],
  ['[data-island="pin"]', () => import("./islands/pin")],
  ['[data-island="series"]', () => import("./islands/series")],
  ['[data-island="photo"]', () => import("./islands/photo")],
  ['[data-island="outbox"]', () => import("./islands/outbox")],
  ['[data-island="keep"]', () => import("./islands/keep")],
  ['[data-island="evidence"]', () => import("./islands/evidence")],
  ['[data-island="field"]', () => import("./islands/field")],
  ["form[data-outbox]", () => import("./islands/letter")],
  ['[data-island="push"]', () => import("./islands/push")],
  ["[data-keys]", () => import("./islands/keys")],
  ["form[data-draft]", () => import("./islands/draft")],
  ['[data-island="marks"]', () => import("./islands/marks")],
  ["form[data-filter]", () => import("./islands/filter")],
  ["[data-draft-done]", () => import("./islands/draft")],
];

const awake = new WeakMap<Element, Set<string>>();

/** Starts every part under `root` that does not run yet. */
export function wake(root: Element): void {
  for (const [selector, load] of PARTS) {
    for (const element of found(root, selector)) {
      if (isFirst(element, selector)) void start(element, load);
    }
  }
}

async function start(element: HTMLElement, load: () => Promise<{ start: Start }>): Promise<void> {
  try {
    (await load()).start(element);
    element.dataset["awake"] = "1";
  } catch (error) {
    element.dataset["broken"] = "1"; // the plain HTML inside goes on working
    console.error(error);
  }
}

function found(root: Element, selector: string): HTMLElement[] {
  const inside = [...root.querySelectorAll<HTMLElement>(selector)];
  return root instanceof HTMLElement && root.matches(selector) ? [root, ...inside] : inside;
}

function isFirst(element: Element, selector: string): boolean {
  const known = awake.get(element) ?? new Set<string>();
  awake.set(element, known);
  return !known.has(selector) && Boolean(known.add(selector));
}
