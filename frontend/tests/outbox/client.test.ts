import "fake-indexeddb/auto";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { enqueue, sendPending } from "../../src/outbox/client";
import { deleteRequest, listRequests } from "../../src/outbox/store";
import { newUuid, renewUuid } from "../../src/outbox/uuid";
import { City } from "../support/city";
import { openPage, query } from "../support/page";

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const FORM = `
  <form action="/makassar/kerja/terima/" method="post" data-outbox="field" data-outbox-title="Terima: MKS-1" data-outbox-thread="MKS-1">
    <input type="hidden" name="csrfmiddlewaretoken" value="token-of-last-week">
    <input name="uuid" value="u-1"><textarea name="words">Sudah diperbaiki</textarea>
    <input type="checkbox" name="late" value="1"><input type="file" name="photos">
    <button name="verb" value="accept">Terima</button><button name="verb" value="reject" formaction="/makassar/kerja/tolak/">Tolak</button>
  </form>`;

beforeEach(() => {
  openPage("https://qlue.example/makassar/kerja/lapangan/?urut=dekat", FORM, { person: "7" });
  vi.spyOn(console, "error").mockReturnValue();
});

afterEach(async () => {
  for (const { id } of await listRequests()) await deleteRequest(id);
  localStorage.clear();
});

describe("a queued form", () => {
  it("has everything that a plain submit would send, but the token", async () => {
    const request = await enqueue(query<HTMLFormElement>("form"), query("button"));
    expect(request.parts).toEqual([["uuid", "u-1"], ["words", "Sudah diperbaiki"], ["verb", "accept"]]);
    expect(request).toMatchObject({ id: "u-1", kind: "field", thread: "MKS-1", title: "Terima: MKS-1", person: "7", state: "waiting" });
    expect(new URL(request.url, location.href).pathname).toBe("/makassar/kerja/terima/");
    expect(request.page).toBe("/makassar/kerja/lapangan/?urut=dekat");
    expect(await listRequests()).toEqual([request]);
  });

  it("goes where its button says", async () => {
    const request = await enqueue(query<HTMLFormElement>("form"), query("button[formaction]"));
    expect(new URL(request.url, location.href).pathname).toBe("/makassar/kerja/tolak/");
    expect(request.parts).toContainEqual(["verb", "reject"]);
  });

  it("gets a uuid when the form has none", async () => {
    query("input[name=uuid]").remove();
    expect((await enqueue(query<HTMLFormElement>("form"))).id).toMatch(UUID);
  });

  it("of the same uuid takes the first one's place", async () => {
    await enqueue(query<HTMLFormElement>("form"));
    query<HTMLTextAreaElement>("textarea").value = "Belum selesai";
    await enqueue(query<HTMLFormElement>("form"));
    expect((await listRequests()).map(({ parts }) => parts[1])).toEqual([["words", "Belum selesai"]]);
  });

  it("is rejected where nothing can be stored, so that the caller can send it the plain way", async () => {
    vi.spyOn(IDBObjectStore.prototype, "put").mockImplementation(() => {
      throw new DOMException("disk full", "QuotaExceededError");
    });
    await expect(enqueue(query<HTMLFormElement>("form"))).rejects.toThrow("disk full");
  });
});

describe("the sign that something waits", () => {
  it("stands in localStorage until everything has left, for the site's other pages", async () => {
    const city = new City();
    city.person = "7";
    vi.stubGlobal("fetch", city.fetch);
    city.isReachable = false;
    await enqueue(query<HTMLFormElement>("form"));
    await sendPending(true);
    expect(localStorage.getItem("qlue-outbox")).toBe("1");
    city.isReachable = true;
    await sendPending(true);
    expect(localStorage.getItem("qlue-outbox")).toBeNull();
    expect([...city.submissions.keys()]).toEqual(["u-1"]);
  });
});

describe("uuids", () => {
  it("are of version 4 and differ", () => {
    const uuids = Array.from({ length: 100 }, newUuid);
    for (const uuid of uuids) expect(uuid).toMatch(UUID);
    expect(new Set(uuids).size).toBe(100);
  });

  it("of a form are renewed; a form without one stays without", () => {
    const form = query<HTMLFormElement>("form");
    renewUuid(form);
    expect(query<HTMLInputElement>("input[name=uuid]").value).toMatch(UUID);
    query("input[name=uuid]").remove();
    renewUuid(form);
    expect(form.querySelector("[name=uuid]")).toBeNull();
  });
});
