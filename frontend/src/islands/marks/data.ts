// What is drawn, as the server writes and reads it (qlue/vision/rules/marks.py).

export type Point = [number, number];
export const KINDS = ["line", "parking", "crowd", "road"] as const;
export type Kind = (typeof KINDS)[number];

export interface Mark {
  name: string;
  kind: Kind;
  points: Point[];
  limit: number;
  seconds: number;
}

const USUAL: Record<Kind, readonly [limit: number, seconds: number]> = { line: [1, 1], parking: [1, 120], crowd: [12, 20], road: [5, 60] };

interface Said {
  lines?: Partial<Mark>[];
  zones?: Partial<Mark>[];
}

export function read(text: string): Mark[] {
  try {
    const said = JSON.parse(text) as Said;
    return [...(said.lines ?? []).map((one) => whole({ ...one, kind: "line" })), ...(said.zones ?? []).map(whole)];
  } catch {
    return [];
  }
}

export function write(marks: Mark[]): string {
  const lines = marks.filter((one) => one.kind === "line").map(({ name, points }) => ({ name, points }));
  return JSON.stringify({ lines, zones: marks.filter((one) => one.kind !== "line") });
}

/** A new mark in the middle of the picture, with a name that is not taken. */
export function fresh(kind: Kind, others: Mark[], word: string): Mark {
  const names = new Set(others.map((one) => one.name));
  let n = 1;
  while (names.has(`${word} ${n}`)) n += 1;
  const points: Point[] = kind === "line" ? [[0.5, 0.85], [0.5, 0.35]] : [[0.3, 0.4], [0.7, 0.4], [0.7, 0.8], [0.3, 0.8]];
  return whole({ name: `${word} ${n}`, kind, points });
}

function whole(said: Partial<Mark>): Mark {
  const kind = said.kind && KINDS.includes(said.kind) ? said.kind : "crowd";
  const [limit, seconds] = USUAL[kind];
  return { name: said.name ?? "", kind, points: said.points ?? [], limit: said.limit ?? limit, seconds: said.seconds ?? seconds };
}
