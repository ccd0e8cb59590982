// Starts islands: parts of a page whose script is loaded only when their element is there.
// A leaf: the list of islands comes from outside (islands/registry.ts), because islands themselves mount pages (page.ts).

type Mount = (element: HTMLElement) => void;

/** Which elements an island takes, and how its script is loaded. */
export type Island = readonly [selector: string, load: () => Promise<{ mount: Mount }>];

let islands: readonly Island[] = [];
const mountedSelectors = new WeakMap<Element, Set<string>>();

export function registerIslands(list: readonly Island[]): void {
  islands = list;
}

/** Mounts every island at or under `root` that does not run yet. */
export function mountIslands(root: Element): void {
  for (const [selector, load] of islands) {
    for (const element of matchingElements(root, selector)) {
      if (isFirstMount(element, selector)) void mountIsland(element, load);
    }
  }
}

async function mountIsland(element: HTMLElement, load: Island[1]): Promise<void> {
  try {
    (await load()).mount(element);
    element.dataset["awake"] = "1";
  } catch (error) {
    element.dataset["broken"] = "1"; // the plain HTML inside goes on working
    console.error(error);
  }
}

function matchingElements(root: Element, selector: string): HTMLElement[] {
  const descendants = [...root.querySelectorAll<HTMLElement>(selector)];
  return root instanceof HTMLElement && root.matches(selector) ? [root, ...descendants] : descendants;
}

/** One element may carry two islands (a form with a draft and a filter), each of which mounts once. */
function isFirstMount(element: Element, selector: string): boolean {
  const selectors = mountedSelectors.get(element) ?? new Set<string>();
  mountedSelectors.set(element, selectors);
  return !selectors.has(selector) && Boolean(selectors.add(selector));
}
