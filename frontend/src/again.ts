/** On every page, in a few lines: letters that wait are sent, and pages kept for somebody else are let go. */
export function again(): void {
  const person = document.body.dataset["person"] ?? "";
  if (remember("qlue-outbox")) void import("./outbox/office").then(({ goOn }) => goOn());
  const before = remember("qlue-person") ?? "";
  if (before !== person) remember("qlue-person", person);
  if (before && before !== person) void navigator.serviceWorker?.getRegistration().then((found) => found?.active?.postMessage({ forget: true }));
}

function remember(key: string, value?: string): string | null {
  try {
    if (value !== undefined) localStorage.setItem(key, value);
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}
