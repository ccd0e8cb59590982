// Lines and zones as the server writes and reads them (qlue/vision/rules/marks.py).

export type Point = [x: number, y: number]; // shares of the picture, 0 to 1
export const KINDS = ["line", "parking", "crowd", "road"] as const;
export type Kind = (typeof KINDS)[number];

export interface Mark {
  name: string;
  kind: Kind;
  points: Point[];
  limit: number;
  seconds: number;
}

const DEFAULTS: Record<Kind, readonly [limit: number, seconds: number]> = {
  line: [1, 1],
  parking: [1, 120],
  crowd: [12, 20],
  road: [5, 60],
};

interface MarksJson {
  lines?: Partial<Mark>[];
  zones?: Partial<Mark>[];
}

/** Nothing when the text is no JSON: the form then begins empty. */
export function parseMarks(text: string): Mark[] {
  try {
    const { lines, zones } = JSON.parse(text) as MarksJson;
    const lineMarks = (lines ?? []).map((line) => withDefaults({ ...line, kind: "line" }));
    return [...lineMarks, ...(zones ?? []).map(withDefaults)];
  } catch {
    return [];
  }
}

/** The server knows no limit and no time for a line, only a name and points. */
export function serializeMarks(marks: Mark[]): string {
  const lines = marks.filter((mark) => mark.kind === "line").map(({ name, points }) => ({ name, points }));
  return JSON.stringify({ lines, zones: marks.filter((mark) => mark.kind !== "line") });
}

/** A new mark in the middle of the picture, with a name that is not taken. */
export function newMark(kind: Kind, others: Mark[], label: string): Mark {
  const names = new Set(others.map((mark) => mark.name));
  let n = 1;
  while (names.has(`${label} ${n}`)) n += 1;
  const points: Point[] = kind === "line" ? [[0.5, 0.85], [0.5, 0.35]] : [[0.3, 0.4], [0.7, 0.4], [0.7, 0.8], [0.3, 0.8]];
  return withDefaults({ name: `${label} ${n}`, kind, points });
}

function withDefaults(mark: Partial<Mark>): Mark {
  const kind = mark.kind && KINDS.includes(mark.kind) ? mark.kind : "crowd";
  const [limit, seconds] = DEFAULTS[kind];
  return { name: mark.name ?? "", kind, points: mark.points ?? [], limit: mark.limit ?? limit, seconds: mark.seconds ?? seconds };
}
