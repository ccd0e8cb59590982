import { afterEach, describe, expect, it, vi } from "vitest";

type Colours = typeof import("../../src/islands/map/colours");

/** The colours as a page of this kind has them: they are decided when the module is loaded. */
async function load(bodyClass: string, isDark: boolean): Promise<Colours> {
  document.body.className = bodyClass;
  vi.stubGlobal("matchMedia", () => ({ matches: isDark, addEventListener: () => undefined }));
  vi.resetModules();
  return import("../../src/islands/map/colours");
}

/** 0 (black) to 255 (white), as eyes weigh the three colours. */
function lightness(hex: string): number {
  const [red = 0, green = 0, blue = 0] = (hex.match(/\w\w/g) ?? []).map((part) => parseInt(part, 16));
  return 0.299 * red + 0.587 * green + 0.114 * blue;
}

afterEach(() => {
  document.body.className = "";
});

describe("colours of the map", () => {
  it("tell dots apart without colour: waiting is large, done is a ring", async () => {
    const { dotStyle } = await load("", false);
    const [red, yellow, green] = ["red", "yellow", "green"].map(dotStyle);
    expect(red?.size).toBeGreaterThan(yellow?.size ?? Infinity);
    expect(yellow?.size).toBeGreaterThan(green?.size ?? Infinity);
    expect(green).toMatchObject({ fill: "#fff", edge: "#079455" });
  });

  it.each([undefined, "", "purple", 5])("show %j grey", async (name) => {
    const { dotStyle, FILLS } = await load("", false);
    expect(dotStyle(name).fill).toBe(FILLS.grey);
  });

  it("go from light to dark by day", async () => {
    const { RAMP } = await load("", false);
    const steps = RAMP.map(lightness);
    expect(steps).toEqual([...steps].sort((a, b) => b - a));
  });

  it("go from dark to light on a wall screen at night, and only there", async () => {
    const { RAMP, LAND } = await load("screen", true);
    const steps = RAMP.map(lightness);
    expect(steps).toEqual([...steps].sort((a, b) => a - b));
    expect(lightness(LAND)).toBeLessThan(60);
    expect(lightness((await load("", true)).LAND)).toBeGreaterThan(200);
  });
});
