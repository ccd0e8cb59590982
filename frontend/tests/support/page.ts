import nodeConsole from "node:console";
import type { DetachedWindowAPI } from "happy-dom";
import { vi } from "vitest";

function browser(): DetachedWindowAPI {
  return (window as unknown as { happyDOM: DetachedWindowAPI }).happyDOM;
}

/** As if the browser had loaded this page. */
export function openPage(url: string, body: string, data: Record<string, string> = {}): void {
  browser().setURL(url);
  document.body.innerHTML = body;
  for (const name of Object.keys(document.body.dataset)) delete document.body.dataset[name];
  Object.assign(document.body.dataset, data);
}

export function setOnline(isOnline: boolean): void {
  Object.defineProperty(navigator, "onLine", { value: isOnline, configurable: true });
  window.dispatchEvent(new Event(isOnline ? "online" : "offline"));
}

/** happy-dom writes to Node's console; the tests' own is another one. */
export function silenceBrowserConsole(): void {
  vi.spyOn(nodeConsole, "error").mockReturnValue();
}

export function query<T extends HTMLElement = HTMLElement>(selector: string): T {
  const element = document.querySelector<T>(selector);
  if (!element) throw new Error(`no ${selector} in ${document.body.innerHTML}`);
  return element;
}
