import { beforeEach, describe, expect, it, vi } from "vitest";
import { mountIslands, registerIslands } from "../src/mount";
import { openPage, query } from "./support/page";

beforeEach(() => {
  openPage("https://qlue.example/", '<form data-draft="a" data-filter><p data-island="broken">words</p></form>');
});

describe("islands", () => {
  it("mount once, also when a swap brings their surroundings again, and two on one element", async () => {
    const [draft, filter] = [vi.fn(), vi.fn()];
    registerIslands([
      ["form[data-draft]", () => Promise.resolve({ mount: draft })],
      ["form[data-filter]", () => Promise.resolve({ mount: filter })],
    ]);
    mountIslands(document.body);
    mountIslands(query("form"));
    await vi.waitFor(() => expect(query("form").dataset["awake"]).toBe("1"));
    expect(draft).toHaveBeenCalledOnce();
    expect(filter).toHaveBeenCalledOnce();
    document.body.append(query("form").cloneNode(true));
    mountIslands(document.body);
    await vi.waitFor(() => expect(draft).toHaveBeenCalledTimes(2));
  });

  it("load no script for what is not on the page", () => {
    const load = vi.fn();
    registerIslands([["[data-island=map]", load]]);
    mountIslands(document.body);
    expect(load).not.toHaveBeenCalled();
  });

  it("that fail leave the plain HTML and the others alone", async () => {
    const logged = vi.spyOn(console, "error").mockReturnValue();
    const draft = vi.fn();
    registerIslands([
      ['[data-island="broken"]', () => Promise.reject(new Error("no network"))],
      ["form[data-draft]", () => Promise.resolve({ mount: draft })],
    ]);
    mountIslands(document.body);
    await vi.waitFor(() => expect(query("p").dataset["broken"]).toBe("1"));
    expect(query("p").textContent).toBe("words");
    expect(draft).toHaveBeenCalledOnce();
    expect(logged).toHaveBeenCalledOnce();
  });
});
