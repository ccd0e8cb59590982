// data-island="keep": this page opens without a network too, for the person who is signed in.
import { worker } from "../outbox/office";

export function start(): void {
  if (document.readyState === "complete") void keep();
  else window.addEventListener("load", () => void keep());
}

async function keep(): Promise<void> {
  const registration = await worker();
  await new Promise((done) => setTimeout(done, 1500)); // the islands have loaded by then
  const loaded = performance.getEntriesByType("resource").map((entry) => new URL(entry.name));
  const images = [...document.querySelectorAll<HTMLImageElement>("main img")].map((image) => new URL(image.src));
  const sprite = document.querySelector("svg.icon use")?.getAttribute("href")?.split("#")[0];
  if (sprite) images.push(new URL(sprite, location.href));
  const ours = [...loaded, ...images].filter((one) => one.origin === location.origin && /^\/(static|rupa)\/|\/foto\//.test(one.pathname));
  const files = [...new Set(ours.map((one) => one.pathname + one.search))];
  registration?.active?.postMessage({ page: location.pathname, keep: files });
  document.body.dataset["kept"] = "1";
}
