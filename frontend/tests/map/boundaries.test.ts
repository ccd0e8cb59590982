import type { Position } from "geojson";
import { describe, expect, it, vi } from "vitest";
import { type Area, type AreaProperties, type Areas, areasAround, fetchAreas, labelPoint, labelPoints, NO_AREAS } from "../../src/islands/map/boundaries";

function square(west: number, south: number, size: number): Position[] {
  return [[west, south], [west + size, south], [west + size, south + size], [west, south + size], [west, south]];
}

function area(name: string, level: AreaProperties["level"], polygons: Position[][][], more: Partial<AreaProperties> = {}): Area {
  const properties = { id: 1, code: name, name, level, parent: null, ...more };
  return { type: "Feature", properties, geometry: { type: "MultiPolygon", coordinates: polygons } };
}

const CITY: Areas = {
  type: "FeatureCollection",
  features: [
    area("Tallo", "kecamatan", [[square(0, 0, 10)]]),
    area("Pannampu", "kelurahan", [[square(0, 0, 5), square(1, 1, 1)]]), // with a hole
    area("Kepulauan", "kelurahan", [[square(20, 20, 2)], [square(30, 30, 2)]]), // islands
    { type: "Feature", properties: { id: 9, code: "L", name: "Lae-Lae", level: "kelurahan", parent: null }, geometry: { type: "Polygon", coordinates: [square(40, 40, 1)] } },
  ],
};

function namesAt(lon: number, lat: number): string[] {
  return areasAround(CITY, lon, lat).map(({ name }) => name);
}

describe("the areas at a position", () => {
  it("are the kelurahan first, then its kecamatan", () => {
    expect(namesAt(3, 3)).toEqual(["Pannampu", "Tallo"]);
    expect(namesAt(7, 7)).toEqual(["Tallo"]);
  });

  it("leave holes out and take every island", () => {
    expect(namesAt(1.5, 1.5)).toEqual(["Tallo"]);
    expect(namesAt(21, 21)).toEqual(["Kepulauan"]);
    expect(namesAt(31, 31)).toEqual(["Kepulauan"]);
    expect(namesAt(40.5, 40.5)).toEqual(["Lae-Lae"]);
  });

  it("are none at sea, and none without boundaries", () => {
    expect(namesAt(-1, 3)).toEqual([]);
    expect(namesAt(15, 5)).toEqual([]);
    expect(areasAround(NO_AREAS, 3, 3)).toEqual([]);
  });
});

describe("the point of a name", () => {
  it("is the server's where it gives one", () => {
    expect(labelPoint(area("A", "kelurahan", [[square(0, 0, 2)]], { lon: 0.3, lat: 0.4 }))).toEqual([0.3, 0.4]);
  });

  it("else lies in the middle of the area's largest ring", () => {
    const detailed = [...square(10, 10, 4).slice(0, 4), [10, 12], [10, 10]];
    expect(labelPoint(area("A", "kelurahan", [[square(0, 0, 2)], [detailed]]))).toEqual([12, 12]);
  });

  it("exists once for each area", () => {
    const names = labelPoints(CITY).features.map(({ properties }) => properties?.["name"] as string);
    expect(names).toEqual(["Tallo", "Pannampu", "Kepulauan", "Lae-Lae"]);
  });
});

describe("fetched boundaries", () => {
  it("serve all maps of a page, but a failure is tried again", async () => {
    const answers = [new Response("", { status: 503 }), Response.json(CITY)];
    const fetch = vi.fn(() => Promise.resolve(answers.shift()));
    vi.stubGlobal("fetch", fetch);
    await expect(fetchAreas("/wilayah.geojson")).rejects.toThrow("/wilayah.geojson: 503");
    expect((await fetchAreas("/wilayah.geojson")).features).toHaveLength(4);
    expect(await fetchAreas("/wilayah.geojson")).toBe(await fetchAreas("/wilayah.geojson"));
    expect(fetch).toHaveBeenCalledTimes(2);
    expect(await fetchAreas("")).toBe(NO_AREAS);
  });
});
