import { beforeEach, describe, expect, it } from "vitest";
import { parseNumbers } from "../../src/dom";
import { boxAround, pointsUrl } from "../../src/islands/map/view";
import { openPage } from "../support/page";

const BOUNDS = { getWest: () => 119.3812345, getSouth: () => -5.2300004, getEast: () => 119.55, getNorth: () => -5.06 };

beforeEach(() => {
  openPage("https://qlue.example/makassar/laporan/", "");
});

describe("the address of reports in view", () => {
  it("has the box to a metre and a whole zoom", () => {
    const url = new URL(pointsUrl("/makassar/peta.json", "", BOUNDS, 12.6));
    expect(url.pathname).toBe("/makassar/peta.json");
    expect(url.searchParams.get("bbox")).toBe("119.38123,-5.23000,119.55000,-5.06000");
    expect(url.searchParams.get("zoom")).toBe("13");
  });

  it("keeps the endpoint's own query until a filter takes its place", () => {
    expect(new URL(pointsUrl("/peta.json?status=red", "", BOUNDS, 12)).searchParams.get("status")).toBe("red");
    const filtered = new URL(pointsUrl("/peta.json?status=red", "?category=sampah", BOUNDS, 12)).searchParams;
    expect([filtered.get("status"), filtered.get("category")]).toEqual([null, "sampah"]);
  });

  it("never asks for a zoom below the world", () => {
    expect(new URL(pointsUrl("/peta.json", "", BOUNDS, -0.9)).searchParams.get("zoom")).toBe("0");
  });
});

describe("bounds of an element", () => {
  it.each<[string | undefined, number, number[] | null]>([
    ["119.38,-5.23,119.55,-5.06", 4, [119.38, -5.23, 119.55, -5.06]],
    [" 119.4 , -5.1 ", 2, [119.4, -5.1]],
    ["", 2, null],
    [undefined, 2, null],
    ["119.4", 2, null],
    ["119.4,-5.1,7", 2, null],
    ["119.4,", 2, null], // an empty part is no 0
    ["119.4,south", 2, null],
    ["119.4,Infinity", 2, null],
  ])("%j as %i numbers", (text, count, numbers) => {
    expect(parseNumbers(text, count)).toEqual(numbers);
  });
});

describe("a finger", () => {
  it("meets what is near", () => {
    expect(boxAround({ x: 100, y: 40 }, 10)).toEqual([[90, 30], [110, 50]]);
  });
});
