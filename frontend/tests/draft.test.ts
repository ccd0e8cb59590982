// A form that a person fills in, in a browser's DOM and against a real server.
import "fake-indexeddb/auto";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { mount } from "../src/islands/draft";
import { deleteRequest, listRequests, putRequest } from "../src/outbox/store";
import { HttpServer } from "./support/http-server";
import { recordListeners } from "./support/listeners";
import { openPage, query, setOnline, silenceBrowserConsole } from "./support/page";
import { queuedRequest } from "./support/requests";

const KEY = "qlue-draft:lapor";
const WORDS = "Lampu jalan mati sejak Senin";
const FORM = `
  <main tabindex="-1"><form action="/makassar/lapor/" method="post" data-draft="lapor">
    <input type="hidden" name="csrfmiddlewaretoken" value="token"><input type="hidden" name="uuid" value="u-1">
    <input type="radio" name="category" value="pju"><input type="radio" name="category" value="sampah">
    <select name="area"><option value=""></option><option value="7">Tallo</option></select>
    <textarea name="words"></textarea><input type="password" name="secret"><input type="file" name="photos">
    <button type="submit">Kirim</button></form></main><div id="toasts"></div>`;
const THANKS = "<title>Terima kasih</title><main tabindex='-1'><h1>Terima kasih</h1></main>";
const SENT_BACK = FORM.replace("<form", '<div id="masalah" tabindex="-1"><p>Pilih kategori</p></div><form');
const ERROR_PAGE = '<main class="problem"><h1>Sedang sibuk</h1><p class="lead">Coba lagi</p></main><div id="toasts"></div>';

let server: HttpServer;
let removeListeners: () => void;

beforeAll(async () => {
  server = await HttpServer.start();
});
afterAll(() => server.stop());

beforeEach(() => {
  removeListeners = recordListeners();
  vi.stubGlobal("scrollTo", () => undefined);
  silenceBrowserConsole(); // it reports each answer that is an error
  localStorage.clear();
  setOnline(true);
  show(FORM);
});

afterEach(async () => {
  removeListeners();
  vi.useRealTimers();
  setOnline(true);
  for (const { id } of await listRequests()) await deleteRequest(id);
});

function show(body: string, address = "/makassar/lapor/"): HTMLFormElement {
  openPage(server.origin + address, body);
  mount(form());
  return form();
}

function form(): HTMLFormElement {
  return query<HTMLFormElement>("form");
}

function words(): string {
  return query<HTMLTextAreaElement>("textarea").value;
}

async function type(text: string): Promise<void> {
  query<HTMLTextAreaElement>("textarea").value = text;
  query("textarea").dispatchEvent(new Event("input", { bubbles: true }));
  await vi.waitFor(() => expect(stored()?.["words"]).toEqual([text]));
}

function stored(): Record<string, string[]> | undefined {
  const draft = localStorage.getItem(KEY);
  return draft ? (JSON.parse(draft) as { values: Record<string, string[]> }).values : undefined;
}

function submit(): void {
  form().dispatchEvent(new SubmitEvent("submit", { bubbles: true, cancelable: true, submitter: query("button") }));
}

describe("what is typed", () => {
  it("is stored, but no token and no password", async () => {
    query<HTMLInputElement>("input[name=secret]").value = "rahasia";
    query<HTMLInputElement>("input[value=sampah]").checked = true;
    await type(WORDS);
    expect(stored()).toEqual({ uuid: ["u-1"], category: ["sampah"], area: [""], words: [WORDS] });
    expect(localStorage.getItem(KEY)).not.toMatch(/rahasia|token/);
  });

  it("comes back on the next visit, with a note", async () => {
    query<HTMLInputElement>("input[value=sampah]").checked = true;
    query<HTMLSelectElement>("select").value = "7";
    await type(WORDS);
    show(FORM);
    expect(words()).toBe(WORDS);
    expect(query<HTMLInputElement>("input[value=sampah]").checked).toBe(true);
    expect(query<HTMLSelectElement>("select").value).toBe("7");
    expect(form().firstElementChild?.getAttribute("role")).toBe("status");
  });

  it("tells other islands of a field that was filled in", async () => {
    await type(WORDS);
    openPage(`${server.origin}/makassar/lapor/`, FORM);
    const restored: string[] = [];
    form().addEventListener("qlue:restored", (event) => restored.push((event.target as HTMLInputElement).name));
    mount(form());
    expect(restored).toEqual(["words"]);
  });

  it("is not put over a form that the server sent back", async () => {
    await type(WORDS);
    show(SENT_BACK);
    expect(words()).toBe("");
  });

  it("is forgotten after a week", async () => {
    await type(WORDS);
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 8 * 86_400_000 });
    show(FORM);
    expect(words()).toBe("");
  });

  it.each(["rubbish", "null", "[]", '{"at": "x"}'])("does no harm as %j of another release", (draft) => {
    localStorage.setItem(KEY, draft);
    expect(() => show(FORM)).not.toThrow();
    expect(words()).toBe("");
  });

  it("is forgotten by a page that says that it arrived", async () => {
    await type(WORDS);
    openPage(`${server.origin}/makassar/`, '<p data-draft-done="lapor">Terima kasih</p>');
    mount(query("p"));
    expect(stored()).toBeUndefined();
  });
});

describe("a form that is sent", () => {
  it("is forgotten once the server has taken it, and the answer is shown", async () => {
    await type(WORDS);
    server.answerNext(200, THANKS);
    submit();
    await vi.waitFor(() => expect(query("h1").textContent).toBe("Terima kasih"));
    expect(stored()).toBeUndefined();
    expect(server.bodies.at(-1)).toContain(WORDS);
    expect(document.title).toBe("Terima kasih");
  });

  it("stays stored when it comes back with errors, and the errors get the focus", async () => {
    await type(WORDS);
    server.answerNext(422, SENT_BACK);
    submit();
    await vi.waitFor(() => expect(query("#masalah").textContent).toBe("Pilih kategori"));
    expect(document.activeElement).toBe(query("#masalah"));
    expect(stored()?.["words"]).toEqual([WORDS]);
  });

  it("stays stored though a status below 400 brought errors", async () => {
    await type(WORDS);
    server.answerNext(200, SENT_BACK);
    submit();
    await vi.waitFor(() => expect(query("#masalah")).toBeTruthy());
    expect(stored()?.["words"]).toEqual([WORDS]);
  });

  it.each([403, 429, 500, 503])("stays in place when the answer is an error page (%i), whose words are shown", async (status) => {
    await type(WORDS);
    server.answerNext(status, ERROR_PAGE);
    submit();
    await vi.waitFor(() => expect(query("#toasts").textContent).toContain("Sedang sibuk. Coba lagi"));
    expect(words()).toBe(WORDS);
    expect(stored()?.["words"]).toEqual([WORDS]);
  });

  it("stays in place when the connection breaks, and can be sent again", async () => {
    await type(WORDS);
    submit();
    await vi.waitFor(() => expect(query("#toasts").textContent).toContain("offline"));
    expect(words()).toBe(WORDS);
    expect(stored()?.["words"]).toEqual([WORDS]);
    await vi.waitFor(() => expect(form().dataset["busy"]).toBeUndefined());
    server.answerNext(200, THANKS);
    submit();
    await vi.waitFor(() => expect(query("h1").textContent).toBe("Terima kasih"));
  });

  it("is sent once though the button is pressed twice", async () => {
    await type(WORDS);
    const before = server.bodies.length;
    server.answerNext(200, THANKS);
    submit();
    submit();
    await vi.waitFor(() => expect(query("h1").textContent).toBe("Terima kasih"));
    expect(server.bodies.length - before).toBe(1);
  });
});

describe("a form that may wait in the outbox (data-later)", () => {
  const LATER = FORM.replace("data-draft", 'data-later="report" data-draft');

  it("gets a new uuid on each visit, but not when it was sent back", () => {
    expect(new FormData(show(LATER)).get("uuid")).not.toBe("u-1");
    expect(new FormData(show(SENT_BACK.replace("data-draft", 'data-later="report" data-draft'))).get("uuid")).toBe("u-1");
  });

  it("waits without a network; its draft has done its work", async () => {
    show(LATER);
    vi.stubGlobal("fetch", () => Promise.reject(new TypeError("fetch failed")));
    await type(WORDS);
    setOnline(false);
    submit();
    await vi.waitFor(() => expect(document.querySelector("form")).toBeNull());
    expect((await listRequests()).map(({ kind, title, state }) => [kind, title, state])).toEqual([["report", WORDS, "waiting"]]);
    expect(stored()).toBeUndefined();
  });

  it("stays in place where nothing can be stored", async () => {
    show(LATER);
    await type(WORDS);
    vi.spyOn(IDBObjectStore.prototype, "put").mockImplementation(() => {
      throw new DOMException("disk full", "QuotaExceededError");
    });
    setOnline(false);
    submit();
    await vi.waitFor(() => expect(query("#toasts").textContent).toContain("offline"));
    expect(words()).toBe(WORDS);
    expect(stored()?.["words"]).toEqual([WORDS]);
  });

  it("is filled in again after a refusal, and leaves the outbox once the correction has arrived", async () => {
    const url = `${server.origin}/makassar/lapor/`;
    await putRequest(queuedRequest({ id: "u-9", url, state: "refused", parts: [["uuid", "u-9"], ["words", WORDS], ["category", "pju"]] }));
    Object.assign(Element.prototype, { scrollIntoView: () => undefined });
    show(LATER, "/makassar/lapor/#perbaiki-u-9");
    await vi.waitFor(() => expect(words()).toBe(WORDS));
    expect(query<HTMLInputElement>("input[value=pju]").checked).toBe(true);
    expect(new FormData(form()).get("uuid")).toBe("u-9");
    server.answerNext(200, THANKS);
    submit();
    await vi.waitFor(async () => expect(await listRequests()).toEqual([]));
  });
});
