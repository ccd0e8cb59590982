// What happens around a swap of a live element: nothing when its answer is the same, and a mark on numbers that changed.

interface BeforeSwapDetail {
  target: Element;
  serverResponse: string;
  shouldSwap: boolean;
}

const lastAnswers = new Map<string, string>();
let tilesBefore: string[] = [];
let focusedHref = "";

/** An answer equal to the last one is not swapped in: no flicker, and focus stays. */
export function skipSameAnswer(event: Event): void {
  const detail = (event as CustomEvent<BeforeSwapDetail>).detail;
  const key = detail.target.id || detail.target.getAttribute("hx-get");
  if (!detail.target.hasAttribute("data-live") || !key) return;
  if (lastAnswers.get(key) === detail.serverResponse) detail.shouldSwap = false;
  lastAnswers.set(key, detail.serverResponse);
  rememberElement(detail.target);
}

function rememberElement(element: Element): void {
  tilesBefore = tileValues(element);
  focusedHref = element.contains(document.activeElement) ? (document.activeElement?.getAttribute("href") ?? "") : "";
}

/** A number that changed glows for a moment; a link that had the focus has it again. */
export function highlightChanges(event: Event): void {
  const element = event.target;
  if (!(element instanceof Element) || !element.matches("[data-live]")) return;
  const tilesNow = tileValues(element);
  element.querySelectorAll(".tile-value").forEach((tile, i) => {
    // with another number of tiles nobody knows which was which
    if (tilesBefore.length === tilesNow.length && tilesBefore[i] !== tilesNow[i]) tile.classList.add("just-changed");
  });
  if (focusedHref) element.querySelector<HTMLElement>(`a[href="${CSS.escape(focusedHref)}"]`)?.focus();
}

function tileValues(element: Element): string[] {
  return [...element.querySelectorAll(".tile-value")].map((tile) => tile.textContent ?? "");
}
