// @vitest-environment node
import "fake-indexeddb/auto";
import { afterEach, describe, expect, it, vi } from "vitest";
import { deleteRequest, getRequest, listRequests, onQueueChange, putRequest } from "../../src/outbox/store";
import { queuedRequest } from "../support/requests";

afterEach(async () => {
  for (const { id } of await listRequests()) await deleteRequest(id);
});

describe("the stored queue", () => {
  it("has the names that phones hold", async () => {
    await putRequest(queuedRequest({ id: "a" }));
    const database = await new Promise<IDBDatabase>((resolve) => {
      const opening = indexedDB.open("qlue-outbox");
      opening.onsuccess = () => resolve(opening.result);
    });
    expect([...database.objectStoreNames]).toEqual(["letters"]);
    expect(database.version).toBe(1);
    database.close();
  });

  it("reads a record of the first release", async () => {
    const stored = queuedRequest({ id: "old", state: "signin", led: "/makassar/" });
    const fields = ["answer", "due", "id", "kind", "led", "page", "parts", "person", "pressed", "state", "status", "thread", "title", "tries", "url"];
    await putRequest(stored);
    expect(Object.keys((await getRequest("old")) ?? {}).sort()).toEqual(fields);
    expect(await getRequest("old")).toEqual(stored);
  });

  it("tells every tab, also the one that changed something", async () => {
    const onChange = vi.fn();
    onQueueChange(onChange);
    await putRequest(queuedRequest({ id: "a" }));
    await vi.waitFor(() => expect(onChange).toHaveBeenCalledTimes(1));
    await deleteRequest("a");
    await vi.waitFor(() => expect(onChange).toHaveBeenCalledTimes(2));
  });
});
