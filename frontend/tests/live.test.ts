import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { recordListeners } from "./support/listeners";
import { openPage, query } from "./support/page";

type Live = typeof import("../src/live");

const BODY = `
  <span data-live-sign hidden><span data-live-word></span></span>
  <div id="tiles" data-live="dashboard list" hx-get="/tiles"></div><div id="report" data-live="report:MKS-7K2Q9XZ" hx-get="/report"></div>`;

/** The browser's EventSource: one per connection, with the server's side to be played by the test. */
class FakeEventSource extends EventTarget {
  static readonly CLOSED = 2;
  static all: FakeEventSource[] = [];
  readyState = 0;

  constructor(readonly url: string) {
    super();
    FakeEventSource.all.push(this);
  }

  static get last(): FakeEventSource {
    return FakeEventSource.all.at(-1) as FakeEventSource;
  }

  open(): void {
    this.readyState = 1;
    this.dispatchEvent(new Event("open"));
  }

  fail(): void {
    this.dispatchEvent(new Event("error"));
  }

  change(data: string): void {
    this.dispatchEvent(new MessageEvent("changed", { data }));
  }

  close(): void {
    this.readyState = FakeEventSource.CLOSED;
  }
}

let live: Live;
let asked: string[];
let announced: string[][];
let removeListeners: () => void;

/** htmx asks again for an element that gets `qlue-changed`. */
function listen(): void {
  asked = [];
  announced = [];
  for (const element of document.querySelectorAll("[data-live]")) element.addEventListener("qlue-changed", () => asked.push(element.id));
  document.addEventListener("qlue:changed", (event) => {
    announced.push((event as CustomEvent<{ topics: string[] }>).detail.topics);
  });
}

beforeEach(async () => {
  removeListeners = recordListeners();
  vi.resetModules();
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval", "performance"] });
  vi.spyOn(Math, "random").mockReturnValue(1); // the longest wait
  vi.stubGlobal("EventSource", FakeEventSource);
  FakeEventSource.all = [];
  openPage("https://qlue.example/makassar/dasbor/", BODY, { liveUrl: "/live?city=makassar" });
  listen();
  live = await import("../src/live");
});

afterEach(() => {
  removeListeners();
  setHidden(false);
  vi.clearAllTimers();
  vi.useRealTimers();
});

function setHidden(isHidden: boolean): void {
  Object.defineProperty(document, "hidden", { value: isHidden, configurable: true });
  document.dispatchEvent(new Event("visibilitychange"));
}

function sign(): string | undefined {
  return query("[data-live-sign]").hidden ? "hidden" : query("[data-live-sign]").dataset["state"];
}

/** What htmx says on the document while it asks for an element, which its answer may have replaced. */
function sendRequest(elt: Element): void {
  document.dispatchEvent(new CustomEvent("htmx:beforeSend", { detail: { requestConfig: { elt } } }));
}

function endRequest(elt: Element): void {
  document.dispatchEvent(new CustomEvent("htmx:afterRequest", { detail: { requestConfig: { elt } } }));
}

describe("topics", () => {
  it.each<[string | undefined, string[], boolean]>([
    ["dashboard list", ["list"], true],
    ["dashboard\n  list", ["dashboard"], true],
    ["dashboard", ["list", "calls"], false],
    ["report:MKS-7K2Q9XZ", ["report:MKS-7K2Q9X"], false], // whole words only
    ["dashboard", ["*"], true],
    ["dashboard", [], false],
    ["", [""], false],
    [undefined, ["list"], false],
    [undefined, ["*"], true],
  ])("%j is concerned by %j: %s", (list, topics, isConcerned) => {
    expect(live.matchesTopics(list, topics)).toBe(isConcerned);
  });
});

describe("the stream", () => {
  it("is not opened for a page without anything live", () => {
    openPage("https://qlue.example/", "<p>words</p>", { liveUrl: "/live?city=makassar" });
    live.startLive();
    expect(FakeEventSource.all).toEqual([]);
  });

  it("tells its server how old the page is, the first time only", async () => {
    await vi.advanceTimersByTimeAsync(1234);
    live.startLive();
    expect(FakeEventSource.last.url).toMatch(/^\/live\?city=makassar&age=\d+$/);
    FakeEventSource.last.open();
    FakeEventSource.last.fail();
    await vi.advanceTimersByTimeAsync(2000);
    expect(FakeEventSource.last.url).toBe("/live?city=makassar");
  });

  it("lets only the elements of a changed topic ask again", () => {
    live.startLive();
    FakeEventSource.last.open();
    FakeEventSource.last.change('{"topics": ["list"]}');
    expect(asked).toEqual(["tiles"]);
    expect(announced).toEqual([["list"]]);
  });

  it("asks again after an answer during which the next change came", async () => {
    live.startLive();
    FakeEventSource.last.open();
    FakeEventSource.last.change('{"topics": ["list"]}');
    const first = query("#tiles");
    sendRequest(first);
    await vi.advanceTimersByTimeAsync(1000);
    FakeEventSource.last.change('{"topics": ["list"]}');
    expect(asked).toEqual(["tiles"]); // one at a time
    first.outerHTML = first.outerHTML; // the answer takes the element's place
    query("#tiles").addEventListener("qlue-changed", () => asked.push("its successor"));
    endRequest(first);
    expect(asked).toEqual(["tiles", "its successor"]);
  });

  it("does not ask again when nothing changed meanwhile", () => {
    live.startLive();
    FakeEventSource.last.open();
    FakeEventSource.last.change('{"topics": ["list"]}');
    sendRequest(query("#tiles"));
    endRequest(query("#tiles"));
    expect(asked).toEqual(["tiles"]);
  });

  it.each(["rubbish", "{}", '{"topics": 5}'])("takes %j for a change of anything", (data) => {
    live.startLive();
    FakeEventSource.last.open();
    FakeEventSource.last.change(data);
    expect(asked).toEqual(["tiles", "report"]);
  });

  it("announces the first change at once and a burst behind it together", async () => {
    live.startLive();
    FakeEventSource.last.open();
    for (const topic of ["list", "dashboard", "calls", "dashboard"]) FakeEventSource.last.change(JSON.stringify({ topics: [topic] }));
    expect(announced).toEqual([["list"]]);
    await vi.advanceTimersByTimeAsync(400);
    expect(announced).toEqual([["list"], ["dashboard", "calls"]]);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(announced).toHaveLength(2);
  });

  it("is joined by a page that came in place of another", () => {
    live.startLive();
    FakeEventSource.last.open();
    openPage("https://qlue.example/makassar/laporan/", BODY, { liveUrl: "/live?city=makassar" });
    expect(sign()).toBe("hidden");
    live.startLive();
    expect(FakeEventSource.all).toHaveLength(1);
    expect(sign()).toBe("live");
  });
});

describe("a stream that breaks", () => {
  it("comes back after 2, 4, 8 ... at most 60 seconds, and from anew after a success", async () => {
    live.startLive();
    for (const seconds of [2, 4, 8, 16, 32, 60, 60]) {
      const before = FakeEventSource.all.length;
      FakeEventSource.last.fail();
      await vi.advanceTimersByTimeAsync(seconds * 1000 - 1);
      expect(FakeEventSource.all).toHaveLength(before);
      await vi.advanceTimersByTimeAsync(1);
      expect(FakeEventSource.all).toHaveLength(before + 1);
    }
    FakeEventSource.last.open();
    FakeEventSource.last.fail();
    await vi.advanceTimersByTimeAsync(2000);
    expect(FakeEventSource.all).toHaveLength(9);
  });

  it("waits only half as long in another browser, so that not all come at once", async () => {
    vi.spyOn(Math, "random").mockReturnValue(0);
    live.startLive();
    FakeEventSource.last.fail();
    await vi.advanceTimersByTimeAsync(1000);
    expect(FakeEventSource.all).toHaveLength(2);
  });

  it("says so, and from the third failure on that the page asks by itself", async () => {
    live.startLive();
    const states: (string | undefined)[] = [sign()];
    for (let i = 0; i < 3; i++) {
      FakeEventSource.last.fail();
      states.push(sign());
      await vi.advanceTimersByTimeAsync(60_000);
    }
    FakeEventSource.last.open();
    expect([...states, sign()]).toEqual(["hidden", "cut", "cut", "polling", "live"]);
  });

  it("is replaced by asking every 15 seconds until it is back", async () => {
    live.startLive();
    FakeEventSource.last.fail();
    await vi.advanceTimersByTimeAsync(15_000);
    expect(announced).toEqual([["*"]]);
    FakeEventSource.last.open();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(announced).toEqual([["*"], ["*"]]); // once more because it is back
  });

  it("has everything asked for again when it is back: something may have been missed", async () => {
    live.startLive();
    FakeEventSource.last.open();
    expect(asked).toEqual([]);
    FakeEventSource.last.fail();
    await vi.advanceTimersByTimeAsync(2000);
    FakeEventSource.last.open();
    expect(asked).toEqual(["tiles", "report"]);
  });

  it("comes back at once when the network does", () => {
    live.startLive();
    FakeEventSource.last.fail();
    window.dispatchEvent(new Event("online"));
    expect(FakeEventSource.all).toHaveLength(2);
  });
});

describe("a tab that nobody sees", () => {
  it("keeps the stream for a glance at another tab", async () => {
    live.startLive();
    FakeEventSource.last.open();
    setHidden(true);
    await vi.advanceTimersByTimeAsync(4_000);
    setHidden(false);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(FakeEventSource.all).toHaveLength(1);
    expect(FakeEventSource.last.readyState).toBe(1);
  });

  it("lets it go later, asks nothing, and catches up when it is seen again", async () => {
    live.startLive();
    FakeEventSource.last.open();
    setHidden(true);
    await vi.advanceTimersByTimeAsync(120_000);
    expect(FakeEventSource.last.readyState).toBe(FakeEventSource.CLOSED);
    expect(announced).toEqual([]);
    setHidden(false);
    FakeEventSource.last.open();
    expect(asked).toEqual(["tiles", "report"]);
  });
});

describe("a swap", () => {
  function swapEvent(target: Element, serverResponse: string): CustomEvent<{ shouldSwap: boolean }> {
    const event = new CustomEvent("htmx:beforeSwap", { detail: { target, serverResponse, shouldSwap: true } });
    document.dispatchEvent(event);
    return event as CustomEvent<{ shouldSwap: boolean }>;
  }

  it("does not happen when the answer is the one before", () => {
    live.startLive();
    expect(swapEvent(query("#tiles"), "<b>5</b>").detail.shouldSwap).toBe(true);
    expect(swapEvent(query("#tiles"), "<b>5</b>").detail.shouldSwap).toBe(false);
    expect(swapEvent(query("#tiles"), "<b>6</b>").detail.shouldSwap).toBe(true);
  });

  it("marks the numbers that changed and gives the focus back", () => {
    live.startLive();
    const tiles = query("#tiles");
    const content = (n: number) => `<a href="/late"><b class="tile-value">${n}</b></a><a href="/new"><b class="tile-value">7</b></a>`;
    tiles.innerHTML = content(4);
    tiles.querySelector<HTMLElement>('a[href="/new"]')?.focus();
    swapEvent(tiles, content(5));
    tiles.innerHTML = content(5);
    tiles.dispatchEvent(new Event("htmx:afterSwap", { bubbles: true }));
    expect([...tiles.querySelectorAll(".just-changed")].map((tile) => tile.textContent)).toEqual(["5"]);
    expect(document.activeElement?.getAttribute("href")).toBe("/new");
  });
});
