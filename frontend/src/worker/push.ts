// Web push: what the city says of a report, while no page is open. A tap opens the report's own page.
import type { ExtendableEvent } from "./events";

interface Message {
  title: string;
  body: string;
  url: string;
  tag: string;
}
interface PushEvent extends ExtendableEvent {
  data: { json(): Message } | null;
}
interface NotificationEvent extends ExtendableEvent {
  notification: { close(): void; data: string };
}
interface WindowClient {
  url: string;
  focus(): Promise<unknown>;
}
interface PushWorker extends EventTarget {
  registration: { showNotification(title: string, options: object): Promise<void> };
  clients: { matchAll(options: object): Promise<WindowClient[]>; openWindow(url: string): Promise<unknown> };
}

/** The same message twice (a repeat has the same tag) shows once. */
export function listenForPush(worker: PushWorker): void {
  worker.addEventListener("push", (event) => {
    const pushEvent = event as PushEvent;
    const message = pushEvent.data?.json();
    if (!message) return;
    const options = { body: message.body, tag: message.tag, data: message.url, icon: "/static/web/icons/icon-192.png" };
    pushEvent.waitUntil(worker.registration.showNotification(message.title, options));
  });
  worker.addEventListener("notificationclick", (event) => {
    const { notification } = event as NotificationEvent;
    notification.close();
    (event as NotificationEvent).waitUntil(openPage(worker, notification.data));
  });
}

async function openPage(worker: PushWorker, address: string): Promise<unknown> {
  const url = new URL(address, location.origin);
  if (url.origin !== location.origin) return undefined; // only ever our own pages
  const windows = await worker.clients.matchAll({ type: "window" });
  const sameWindow = windows.find((client) => client.url === url.href);
  return sameWindow ? sameWindow.focus() : worker.clients.openWindow(url.href);
}
