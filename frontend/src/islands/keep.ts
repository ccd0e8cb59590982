// data-island="keep": this page opens without a network too, for the person who is signed in.
import { spriteUrl } from "../dom";
import { serviceWorker } from "../outbox/client";

const ISLANDS_LOADED_MS = 1500; // by then the islands' scripts are among the loaded files
const CACHEABLE = /^\/(static|rupa)\/|\/foto\//;

export function mount(): void {
  if (document.readyState === "complete") void cacheThisPage();
  else window.addEventListener("load", () => void cacheThisPage());
}

async function cacheThisPage(): Promise<void> {
  const registration = await serviceWorker();
  await new Promise((resolve) => setTimeout(resolve, ISLANDS_LOADED_MS));
  registration?.active?.postMessage({ page: location.pathname, keep: cacheablePaths() }); // keys: see worker/sw.ts
  document.body.dataset["kept"] = "1";
}

/** Photos are named too when the browser has not loaded them yet because they are far down the page. */
function cacheablePaths(): string[] {
  const loaded = performance.getEntriesByType("resource").map((entry) => new URL(entry.name));
  const images = [...document.querySelectorAll<HTMLImageElement>("main img")].map((image) => new URL(image.src));
  const sprite = spriteUrl();
  const files = [...loaded, ...images, ...(sprite ? [new URL(sprite, location.href)] : [])];
  const ownFiles = files.filter((url) => url.origin === location.origin && CACHEABLE.test(url.pathname));
  return [...new Set(ownFiles.map((url) => url.pathname + url.search))];
}
