// data-island="push": a button with which this browser hears of the report on this page. Hidden where it cannot.
import { worker } from "../outbox/office";

export function start(element: HTMLElement): void {
  if ("PushManager" in window && "Notification" in window && "serviceWorker" in navigator) void new Push(element).show();
}

class Push {
  private readonly address: string;

  constructor(private readonly element: HTMLElement) {
    this.address = element.dataset["address"] ?? "";
    this.part("on")?.addEventListener("click", () => void this.change(() => this.subscribe()));
    this.part("off")?.addEventListener("click", () => void this.change(() => this.unsubscribe()));
  }

  /** The button that fits: subscribing is per browser, so whether this report is meant is remembered here. */
  async show(): Promise<void> {
    const on = Boolean(await this.current()) && localStorage.getItem(this.sign()) === "1";
    this.part("on")?.toggleAttribute("hidden", on);
    this.part("off")?.toggleAttribute("hidden", !on);
    this.element.hidden = false;
  }

  private async change(work: () => Promise<void>): Promise<void> {
    try {
      await work();
      this.part("trouble")?.setAttribute("hidden", "");
    } catch (error) {
      console.error(error);
      this.part("trouble")?.removeAttribute("hidden");
    }
    await this.show();
  }

  private async subscribe(): Promise<void> {
    if ((await Notification.requestPermission()) !== "granted") throw new Error("not allowed");
    const { key } = (await (await fetch(this.address)).json()) as { key: string };
    const registration = await worker();
    if (!registration) throw new Error("no service worker");
    const known = await registration.pushManager.getSubscription();
    const wish = { userVisibleOnly: true, applicationServerKey: key };
    const subscription = known ?? (await registration.pushManager.subscribe(wish));
    await this.send("POST", subscription);
    localStorage.setItem(this.sign(), "1");
  }

  /** Only this report falls silent; the browser may listen to others. */
  private async unsubscribe(): Promise<void> {
    const subscription = await this.current();
    if (subscription) await this.send("DELETE", subscription);
    localStorage.removeItem(this.sign());
  }

  private async send(method: string, subscription: PushSubscription): Promise<void> {
    const body = JSON.stringify(subscription.toJSON());
    const answer = await fetch(this.address, { method, body, headers: { "Content-Type": "application/json" } });
    if (!answer.ok) throw new Error(`${answer.status}`);
  }

  private async current(): Promise<PushSubscription | null> {
    const registration = await navigator.serviceWorker.getRegistration();
    return (await registration?.pushManager.getSubscription()) ?? null;
  }

  private part(name: string): HTMLElement | null {
    return this.element.querySelector<HTMLElement>(`[data-push="${name}"]`);
  }

  private sign(): string {
    return `push:${this.address.split("/")[3] ?? ""}`;
  }
}
