import { describe, expect, it } from "vitest";
import { ringDiameter, ringShares, TWELFTHS } from "../../src/islands/map/rings";

function shares(n: number, red: number, yellow: number, green: number): number[] {
  return ringShares({ lon: 0, lat: 0, n, red, yellow, green });
}

describe("the ring of a cluster", () => {
  it("has its colours in their proportion", () => {
    expect(shares(12, 3, 4, 5)).toEqual([3, 4, 5]);
    expect(shares(600, 300, 150, 150)).toEqual([6, 3, 3]);
  });

  it("leaves the rest grey", () => {
    expect(shares(12, 3, 0, 0)).toEqual([3, 0, 0]);
    expect(ringShares({ lon: 0, lat: 0, n: 7 })).toEqual([0, 0, 0]);
  });

  it("shows one waiting report among thousands", () => {
    expect(shares(5000, 1, 0, 4999)).toEqual([1, 0, 11]);
  });

  it("never has more than twelve pieces, whatever the server counts", () => {
    for (let red = 0; red <= 9; red++) {
      for (let yellow = 0; yellow <= 9; yellow++) {
        for (const n of [0, 1, 5, 18, 19]) {
          const parts = shares(n, red, yellow, 5);
          expect(parts.reduce((sum, part) => sum + part, 0)).toBeLessThanOrEqual(TWELFTHS);
          expect(Math.min(...parts)).toBeGreaterThanOrEqual(0);
        }
      }
    }
  });

  it.each([[1, 34], [9, 34], [10, 40], [99, 40], [100, 48], [999, 48], [1000, 58], [50_000, 58]])("of %i reports is %i px wide", (n, pixels) => {
    expect(ringDiameter(n)).toBe(pixels);
  });
});
