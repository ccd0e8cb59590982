// One request at a time for a live element, and none forgotten: an answer that was on its way when the next change came
// may be out of date. htmx would queue the second request on the element that the first one's answer replaces, and drop it.
import { htmx } from "./htmx";

interface RequestDetail {
  requestConfig: { elt: Element };
}

/** Elements whose answer is on its way, by key; true: something changed again meanwhile. */
const changedMeanwhile = new Map<string, boolean>();

/** Asks the server again for a live element: now, or as soon as the answer that is on its way has arrived. */
export function refreshElement(element: HTMLElement): void {
  const key = elementKey(element);
  if (changedMeanwhile.has(key)) changedMeanwhile.set(key, true);
  else htmx.trigger(element, "qlue-changed");
}

export function watchRefreshes(): void {
  document.addEventListener("htmx:beforeSend", (event) => {
    const element = requestElement(event);
    if (element) changedMeanwhile.set(elementKey(element), false);
  });
  // Also after an error, a timeout or an abort; on an ancestor when the element itself was replaced.
  document.addEventListener("htmx:afterRequest", (event) => {
    const element = requestElement(event);
    if (!element) return;
    const key = elementKey(element);
    const isOutdated = changedMeanwhile.get(key) === true;
    changedMeanwhile.delete(key);
    if (isOutdated) for (const current of liveElements()) if (elementKey(current) === key) refreshElement(current);
  });
}

export function liveElements(): NodeListOf<HTMLElement> {
  return document.querySelectorAll<HTMLElement>("[data-live]");
}

function requestElement(event: Event): HTMLElement | undefined {
  const element = (event as CustomEvent<RequestDetail>).detail.requestConfig.elt;
  return element instanceof HTMLElement && element.hasAttribute("data-live") ? element : undefined;
}

/** What stays the same when an answer takes the element's place. */
function elementKey(element: HTMLElement): string {
  return element.id || (element.getAttribute("hx-get") ?? "");
}
