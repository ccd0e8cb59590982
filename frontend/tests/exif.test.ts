// @vitest-environment node
import { describe, expect, it } from "vitest";
import { captureTime, gpsPosition } from "../src/islands/exif";
import { type ExifContent, jpeg, jpegBytes, segment } from "./support/jpeg";

const MAKASSAR: ExifContent = {
  latitude: [[[5, 1], [8, 1], [4235, 100]], "S"],
  longitude: [[[119, 1], [25, 1], [1240, 100]], "E"],
};

describe("where a photo was taken", () => {
  it.each([true, false])("is read in either order of bytes (little endian: %s)", async (littleEndian) => {
    const position = await gpsPosition(jpeg({ ...MAKASSAR, littleEndian }));
    expect(position?.lat).toBeCloseTo(-5.145097, 6);
    expect(position?.lon).toBeCloseTo(119.420111, 6);
  });

  it("has the signs of its hemispheres", async () => {
    const west: ExifContent = { latitude: [[[1, 1], [30, 1], [0, 1]], "N"], longitude: [[[2, 1], [0, 1], [0, 1]], "W"] };
    expect(await gpsPosition(jpeg(west))).toEqual({ lat: 1.5, lon: -2 });
  });

  it("is found behind other segments", async () => {
    const before = [segment(0xe0, new Array<number>(14).fill(7)), segment(0xe1, new Array<number>(40).fill(8))];
    expect((await gpsPosition(jpeg({ ...MAKASSAR, before })))?.lat).toBeCloseTo(-5.145097, 6);
  });

  it.each<[string, ExifContent]>([
    ["no GPS block", { time: "2026:10:01 08:30:00" }],
    ["only a latitude", { latitude: [[[5, 1], [0, 1], [0, 1]], "S"] }],
    ["0, 0 of a camera without a fix", { latitude: [[[0, 1], [0, 1], [0, 1]], "N"], longitude: [[[0, 1], [0, 1], [0, 1]], "E"] }],
    ["0/0 for a number", { ...MAKASSAR, latitude: [[[0, 0], [0, 0], [0, 0]], "S"] }],
    ["a division by zero", { ...MAKASSAR, latitude: [[[5, 0], [0, 1], [0, 1]], "S"] }],
    ["a latitude beyond the pole", { ...MAKASSAR, latitude: [[[95, 1], [0, 1], [0, 1]], "S"] }],
    ["a longitude beyond the date line", { ...MAKASSAR, longitude: [[[181, 1], [0, 1], [0, 1]], "E"] }],
  ])("is unknown with %s", async (_case, content) => {
    expect(await gpsPosition(jpeg(content))).toBeNull();
  });
});

describe("files that are no whole JPEG", () => {
  it.each<[string, number[]]>([
    ["an empty file", []],
    ["one byte", [0xff]],
    ["a PNG", [0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10, 0, 0, 0, 13]],
    ["a JPEG without any segment", [0xff, 0xd8, 0xff, 0xda, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0]],
    ["rubbish where a segment should be", [0xff, 0xd8, ...new Array<number>(64).fill(0x41)]],
    ["a segment that claims to have no length", [0xff, 0xd8, 0xff, 0xe0, 0, 0, ...new Array<number>(64).fill(0)]],
  ])("%s says nothing", async (_case, bytes) => {
    const file = new Blob([Uint8Array.from(bytes)]);
    expect(await gpsPosition(file)).toBeNull();
    expect(await captureTime(file)).toBe("");
  });

  it("may be cut off or changed anywhere, and never fail", async () => {
    const bytes = jpegBytes({ ...MAKASSAR, time: "2026:10:01 08:30:00", zone: "+08:00" });
    for (let i = 0; i < bytes.length; i++) {
      const changed = bytes.slice();
      changed[i] = 0xff;
      for (const file of [new Blob([bytes.slice(0, i)]), new Blob([changed])]) {
        const position = await gpsPosition(file);
        if (position) expect(Math.abs(position.lat) <= 90 && Math.abs(position.lon) <= 180).toBe(true);
        expect(await captureTime(file)).toMatch(/^$|^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d([+-]\d\d:\d\d)?$/);
      }
    }
  });
});

describe("when a photo was taken", () => {
  it("comes with the zone where the camera wrote one", async () => {
    expect(await captureTime(jpeg({ time: "2026:10:01 08:30:00", zone: "+08:00" }))).toBe("2026-10-01T08:30:00+08:00");
    expect(await captureTime(jpeg({ time: "2026:10:01 08:30:00" }))).toBe("2026-10-01T08:30:00");
    expect(await captureTime(jpeg({ time: "2026:10:01 08:30:00", zone: "WITA  " }))).toBe("2026-10-01T08:30:00");
  });

  it("is unknown when the camera's clock was never set", async () => {
    expect(await captureTime(jpeg({ time: "    :  :     :  :  " }))).toBe("");
    expect(await captureTime(jpeg(MAKASSAR))).toBe("");
  });
});
