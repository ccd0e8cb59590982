// @vitest-environment node
// The real queue and the real delivery, as in the service worker; only the network and the database engine are stand-ins.
import "fake-indexeddb/auto";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { flush } from "../../src/outbox/delivery";
import { deleteRequest, getRequest, listRequests, putRequest } from "../../src/outbox/store";
import { City } from "../support/city";
import { createLocks } from "../support/locks";
import { queuedRequest } from "../support/requests";

const NOW = Date.UTC(2026, 9, 1, 1);
let city: City;

beforeEach(() => {
  city = new City();
  vi.stubGlobal("fetch", city.fetch);
  vi.stubGlobal("navigator", { locks: createLocks() });
  vi.useFakeTimers({ toFake: ["Date"], now: NOW });
});

afterEach(async () => {
  vi.useRealTimers();
  for (const { id } of await listRequests()) await deleteRequest(id);
});

function arrivedUuids(): (string | undefined)[] {
  return city.arrivals.map(({ fields }) => fields["uuid"]);
}

describe("a request that is taken", () => {
  it("arrives whole, with its photo, the token of now and its age", async () => {
    const photo = new Blob([new Uint8Array(2048)], { type: "image/jpeg" });
    await putRequest(queuedRequest({ id: "a", pressed: NOW - 90_000, parts: [["uuid", "a"], ["photos", photo, "lubang.jpg"]] }));
    expect(await flush()).toBe(0);
    expect(city.arrivals).toHaveLength(1);
    expect(city.arrivals[0]?.files).toEqual([{ field: "photos", name: "lubang.jpg", bytes: 2048 }]);
    expect(city.arrivals[0]?.headers.get("X-CSRFToken")).toBe("token-1");
    expect(city.arrivals[0]?.headers.get("X-Qlue-Outbox")).toBe("90");
  });

  it("stays a day as sent, with where it led and without its photos", async () => {
    await putRequest(queuedRequest({ id: "a" }));
    await flush();
    expect(await getRequest("a")).toMatchObject({ state: "sent", status: 200, parts: [], led: "https://qlue.example/makassar/laporan/a/" });
    vi.setSystemTime(NOW + 25 * 3_600_000);
    expect(await listRequests()).toEqual([]);
    expect(await getRequest("a")).toBeUndefined();
  });

  it("is not sent again", async () => {
    await putRequest(queuedRequest({ id: "a" }));
    await flush(true);
    await flush(true);
    expect(arrivedUuids()).toEqual(["a"]);
  });
});

describe("a fresh CSRF token", () => {
  it("is fetched for each attempt", async () => {
    await putRequest(queuedRequest({ id: "a" }));
    city.answerNext(503);
    await flush();
    city.token = "token-2";
    await flush(true);
    expect(city.arrivals.map(({ headers }) => headers.get("X-CSRFToken"))).toEqual(["token-1", "token-2"]);
    expect((await getRequest("a"))?.state).toBe("sent");
  });

  it("that expires on the way is no refusal", async () => {
    await putRequest(queuedRequest({ id: "a" }));
    city.answerNext(403, "CSRF", { "X-Qlue-Again": "csrf" });
    expect(await flush()).toBe(1);
    expect(await getRequest("a")).toMatchObject({ state: "waiting", status: 403 });
  });
});

describe("what keeps a request waiting", () => {
  it.each([408, 425, 429, 500, 502, 503])("status %i: it goes again and arrives", async (status) => {
    await putRequest(queuedRequest({ id: "a" }));
    city.answerNext(status);
    expect(await flush()).toBe(1);
    expect(await getRequest("a")).toMatchObject({ state: "waiting", status, tries: 1 });
    expect(await flush(true)).toBe(0);
    expect(city.submissions.size).toBe(1);
  });

  it("401: its writer must sign in, and then it goes", async () => {
    await putRequest(queuedRequest({ id: "a" }));
    city.answerNext(401);
    await flush();
    expect(await getRequest("a")).toMatchObject({ state: "signin", status: 401 });
    await flush();
    expect((await getRequest("a"))?.state).toBe("sent");
  });

  it("no network: nothing is tried, nothing is lost", async () => {
    city.isReachable = false;
    await putRequest(queuedRequest({ id: "a" }));
    expect(await flush(true)).toBe(1);
    expect(await getRequest("a")).toMatchObject({ state: "waiting", tries: 0 });
    city.isReachable = true;
    expect(await flush(true)).toBe(0);
  });

  it("another person at the phone: it never leaves in their name", async () => {
    await putRequest(queuedRequest({ id: "a", person: "7" }));
    city.person = "8";
    await flush(true);
    expect(city.arrivals).toEqual([]);
    expect((await getRequest("a"))?.state).toBe("signin");
    city.person = "7";
    await flush(true);
    expect(arrivedUuids()).toEqual(["a"]);
  });
});

describe("pauses after failures", () => {
  it("hold a request back until they are over, but not an eager flush", async () => {
    await putRequest(queuedRequest({ id: "a" }));
    city.answerNext(503);
    await flush();
    vi.setSystemTime(NOW + 3_000);
    await flush();
    expect(city.arrivals).toHaveLength(1);
    vi.setSystemTime(NOW + 7_000); // 5 s and a quarter more
    await flush();
    expect(city.arrivals).toHaveLength(2);
  });

  it("double up to a quarter of an hour, a quarter more or less", async () => {
    for (const [tries, seconds] of [[0, 5], [1, 10], [3, 40], [20, 900]] as const) {
      await putRequest(queuedRequest({ id: "a", tries }));
      city.answerNext(500);
      await flush(true);
      const pause = ((await getRequest("a"))?.due ?? 0) - NOW;
      expect(pause).toBeGreaterThanOrEqual(seconds * 750);
      expect(pause).toBeLessThanOrEqual(seconds * 1250);
    }
  });

  it("are as long as the server asks for", async () => {
    await putRequest(queuedRequest({ id: "a" }));
    city.answerNext(429, "", { "Retry-After": "600" });
    await flush();
    expect((await getRequest("a"))?.due).toBe(NOW + 600_000);
  });

  it("take no harm from a Retry-After that is a date", async () => {
    await putRequest(queuedRequest({ id: "a" }));
    city.answerNext(503, "", { "Retry-After": "Thu, 01 Oct 2026 02:00:00 GMT" });
    await flush();
    const pause = ((await getRequest("a"))?.due ?? 0) - NOW;
    expect(pause).toBeGreaterThan(3_000);
    expect(pause).toBeLessThan(7_000);
  });
});

describe("what refuses a request", () => {
  it.each([400, 403, 404, 409, 413, 422])("status %i: its answer is stored and it does not go again", async (status) => {
    await putRequest(queuedRequest({ id: "a" }));
    city.answerNext(status, "Pilih kategori");
    expect(await flush()).toBe(0);
    expect(await getRequest("a")).toMatchObject({ state: "refused", status, answer: "Pilih kategori" });
    await flush(true);
    expect(city.arrivals).toHaveLength(1);
  });

  it("keeps what was written, to be corrected", async () => {
    const request = queuedRequest({ id: "a" });
    await putRequest(request);
    city.answerNext(422);
    await flush();
    expect((await getRequest("a"))?.parts).toEqual(request.parts);
  });

  it("does not fill the disk with a long answer", async () => {
    await putRequest(queuedRequest({ id: "a" }));
    city.answerNext(400, "x".repeat(300_000));
    await flush();
    expect((await getRequest("a"))?.answer).toHaveLength(200_000);
  });
});

describe("order", () => {
  it("is the one in which the buttons were pressed", async () => {
    const [first, second, third] = [queuedRequest({ id: "z" }), queuedRequest({ id: "a" }), queuedRequest({ id: "m" })];
    for (const request of [third, first, second]) await putRequest(request);
    await flush();
    expect(arrivedUuids()).toEqual(["z", "a", "m"]);
  });

  it("within a thread holds back what comes after a failure, in other threads not", async () => {
    for (const [id, thread] of [["accept", "MKS-1"], ["finish", "MKS-1"], ["other", "MKS-2"], ["alone", ""]] as const) {
      await putRequest(queuedRequest({ id, thread }));
    }
    city.answerNext(503);
    await flush();
    expect(arrivedUuids()).toEqual(["accept", "other", "alone"]);
    await flush(true);
    expect(arrivedUuids()).toEqual(["accept", "other", "alone", "accept", "finish"]);
  });

  it("holds back what comes after a refusal until that was corrected", async () => {
    await putRequest(queuedRequest({ id: "accept", thread: "MKS-1" }));
    await putRequest(queuedRequest({ id: "finish", thread: "MKS-1" }));
    city.answerNext(422);
    await flush(true);
    await flush(true);
    expect(arrivedUuids()).toEqual(["accept"]);
    await putRequest(queuedRequest({ id: "accept", thread: "MKS-1", pressed: 0 })); // corrected: the same uuid
    await flush(true);
    expect(arrivedUuids()).toEqual(["accept", "accept", "finish"]);
  });

  it("lets requests without a thread pass each other", async () => {
    await putRequest(queuedRequest({ id: "a" }));
    await putRequest(queuedRequest({ id: "b" }));
    city.answerNext(422);
    await flush();
    expect((await getRequest("b"))?.state).toBe("sent");
  });
});

describe("once", () => {
  it("though the answer was lost and the request goes again", async () => {
    await putRequest(queuedRequest({ id: "a" }));
    city.losesNextAnswer = true;
    expect(await flush()).toBe(1);
    expect(await flush(true)).toBe(0);
    expect(arrivedUuids()).toEqual(["a", "a"]);
    expect([...city.submissions.keys()]).toEqual(["a"]);
  });

  it("though it was queued twice under its uuid", async () => {
    await putRequest(queuedRequest({ id: "a" }));
    await putRequest(queuedRequest({ id: "a", title: "corrected" }));
    await flush();
    expect(arrivedUuids()).toEqual(["a"]);
  });

  it("though two tabs and the service worker send at the same time", async () => {
    await putRequest(queuedRequest({ id: "a" }));
    await putRequest(queuedRequest({ id: "b" }));
    await Promise.all([flush(true), flush(true), flush(true)]);
    expect(arrivedUuids()).toEqual(["a", "b"]);
  });
});
