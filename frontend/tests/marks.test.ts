import { describe, expect, it } from "vitest";
import { KINDS, type Mark, newMark, parseMarks, serializeMarks } from "../src/islands/marks/data";
import { clampShare, forwardArrow, splitEdge } from "../src/islands/marks/geometry";

describe("marks on a camera's picture", () => {
  it("come back from the form as they were written", () => {
    const marks = KINDS.map((kind) => newMark(kind, [], kind));
    expect(parseMarks(serializeMarks(marks)).map(({ name, kind, points }) => ({ name, kind, points }))).toEqual(
      marks.map(({ name, kind, points }) => ({ name, kind, points })),
    );
    expect(JSON.parse(serializeMarks(marks)).lines).toEqual([{ name: "line 1", points: [[0.5, 0.85], [0.5, 0.35]] }]);
  });

  it.each(["", "rubbish", "null", "[]", "{}", '{"lines": null, "zones": null}'])("of %j are none", (text) => {
    expect(parseMarks(text)).toEqual([]);
  });

  it("survive one missing list and a kind that this release does not know", () => {
    const zone = { name: "A", kind: "helicopter", points: [[0, 0], [1, 0], [1, 1]] };
    expect(parseMarks(JSON.stringify({ lines: null, zones: [zone] }))).toEqual([{ ...zone, kind: "crowd", limit: 12, seconds: 20 }]);
  });

  it("get a name that is not taken", () => {
    const others = [newMark("line", [], "Garis"), newMark("line", [], "Garis")];
    expect(newMark("line", others, "Garis").name).toBe("Garis 2");
  });
});

describe("geometry of marks", () => {
  it.each([[-0.1, 0], [0.123456, 0.1235], [1.7, 1]])("keeps %d in the picture", (share, clamped) => {
    expect(clampShare(share)).toBe(clamped);
  });

  it("splits the edge behind a corner, the last one too", () => {
    const mark: Mark = { ...newMark("crowd", [], "A"), points: [[0, 0], [1, 0], [1, 1]] };
    splitEdge(mark, 0);
    splitEdge(mark, 3);
    expect(mark.points).toEqual([[0, 0], [0.5, 0], [1, 0], [1, 1], [0.5, 0.5]]);
  });

  it("points to the right of a line that goes up", () => {
    const path = forwardArrow({ ...newMark("line", [], "A"), points: [[0.5, 1], [0.5, 0]] });
    const [start, tip] = path.match(/[\d.]+ [\d.]+/g) ?? [];
    expect(start).toBe("500 500");
    expect(tip).toBe("560 500");
  });
});
