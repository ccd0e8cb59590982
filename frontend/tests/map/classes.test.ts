import { describe, expect, it } from "vitest";
import { classLimits, classOf } from "../../src/islands/map/classes";

describe("classes of a choropleth", () => {
  it("are finer for small numbers and end at the highest", () => {
    const limits = classLimits(100, 5);
    expect(limits).toEqual([8, 24, 45, 70, 100]);
    const widths = limits.map((limit, i) => limit - (limits[i - 1] ?? 0));
    expect(widths).toEqual([...widths].sort((a, b) => a - b));
  });

  it.each([[0, []], [1, [1]], [2, [1, 2]], [3, [1, 2, 3]]])("of at most %i are no more than there are numbers", (max, limits) => {
    expect(classLimits(max, 5)).toEqual(limits);
  });

  it.each([[-1, 0], [0, 0], [0.5, 1], [8, 1], [9, 2], [24, 2], [100, 5], [101, 5]])("take %d into class %i", (value, index) => {
    expect(classOf(value, classLimits(100, 5))).toBe(index);
  });

  it("take fractions where the server gives the limits", () => {
    expect([0.2, 0.21, 3].map((value) => classOf(value, [0.2, 0.5, 1]))).toEqual([1, 2, 3]);
  });

  it("without any limit leave every area without a shade", () => {
    expect(classOf(5, [])).toBe(0);
  });
});
