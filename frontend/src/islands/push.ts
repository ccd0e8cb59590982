// data-island="push": a button with which this browser hears of the report on this page. Hidden where it cannot.
import { serviceWorker } from "../outbox/client";

export function mount(element: HTMLElement): void {
  if ("PushManager" in window && "Notification" in window && "serviceWorker" in navigator) void new PushButton(element).draw();
}

class PushButton {
  private readonly address: string;

  constructor(private readonly element: HTMLElement) {
    this.address = element.dataset["address"] ?? "";
    this.part("on")?.addEventListener("click", () => void this.change(() => this.subscribe()));
    this.part("off")?.addEventListener("click", () => void this.change(() => this.unsubscribe()));
  }

  /** The button that fits: a subscription is per browser, so whether this report is among it is remembered here. */
  async draw(): Promise<void> {
    const isOn = Boolean(await this.subscription()) && localStorage.getItem(this.storageKey()) === "1";
    this.part("on")?.toggleAttribute("hidden", isOn);
    this.part("off")?.toggleAttribute("hidden", !isOn);
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
    await this.draw();
  }

  private async subscribe(): Promise<void> {
    if ((await Notification.requestPermission()) !== "granted") throw new Error("not allowed");
    const { key } = (await (await fetch(this.address)).json()) as { key: string };
    const registration = await serviceWorker();
    if (!registration) throw new Error("no service worker");
    const options = { userVisibleOnly: true, applicationServerKey: key };
    const existing = await registration.pushManager.getSubscription();
    const subscription = existing ?? (await registration.pushManager.subscribe(options));
    await this.send("POST", subscription);
    localStorage.setItem(this.storageKey(), "1");
  }

  /** Only this report falls silent; the browser may listen to others. */
  private async unsubscribe(): Promise<void> {
    const subscription = await this.subscription();
    if (subscription) await this.send("DELETE", subscription);
    localStorage.removeItem(this.storageKey());
  }

  private async send(method: string, subscription: PushSubscription): Promise<void> {
    const body = JSON.stringify(subscription.toJSON());
    const response = await fetch(this.address, { method, body, headers: { "Content-Type": "application/json" } });
    if (!response.ok) throw new Error(`${response.status}`);
  }

  private async subscription(): Promise<PushSubscription | null> {
    const registration = await navigator.serviceWorker.getRegistration();
    return (await registration?.pushManager.getSubscription()) ?? null;
  }

  private part(name: string): HTMLElement | null {
    return this.element.querySelector<HTMLElement>(`[data-push="${name}"]`);
  }

  /** By the report's code, the third part of the address. */
  private storageKey(): string {
    return `push:${this.address.split("/")[3] ?? ""}`;
  }
}
