// Web push: what the city says of a report, while no page is open. A tap opens the report's own page.

interface Notice {
  title: string;
  body: string;
  url: string;
  tag: string;
}
interface Pushed extends Event {
  data: { json(): Notice } | null;
  waitUntil(work: Promise<unknown>): void;
}
interface Tapped extends Event {
  notification: { close(): void; data: string };
  waitUntil(work: Promise<unknown>): void;
}
interface Page {
  url: string;
  focus(): Promise<unknown>;
}
interface Worker extends EventTarget {
  registration: { showNotification(title: string, options: object): Promise<void> };
  clients: { matchAll(options: object): Promise<Page[]>; openWindow(url: string): Promise<unknown> };
}

/** The same message twice (a repeat has the same tag) shows once. */
export function listen(here: Worker): void {
  here.addEventListener("push", (event) => {
    const pushed = event as Pushed;
    const told = pushed.data?.json();
    if (!told) return;
    const shown = { body: told.body, tag: told.tag, data: told.url, icon: "/static/web/icons/icon-192.png" };
    pushed.waitUntil(here.registration.showNotification(told.title, shown));
  });
  here.addEventListener("notificationclick", (event) => {
    const tapped = event as Tapped;
    tapped.notification.close();
    tapped.waitUntil(open(here, tapped.notification.data));
  });
}

async function open(here: Worker, address: string): Promise<unknown> {
  const url = new URL(address, location.origin);
  if (url.origin !== location.origin) return undefined; // only ever our own pages
  const pages = await here.clients.matchAll({ type: "window" });
  const known = pages.find((page) => page.url === url.href);
  return known ? known.focus() : here.clients.openWindow(url.href);
}
