// Classes of a choropleth: which colour of the ramp a number has.

/** Upper ends of up to `count` classes: fine for small numbers, where most areas lie. Few numbers make few classes. */
export function classLimits(max: number, count: number): number[] {
  const limits = Array.from({ length: count }, (_, i) => Math.ceil(max * ((i + 1) / count) ** 1.6));
  return [...new Set(limits)].filter((limit) => limit > 0);
}

/** 0 for nothing, else the number of the first class that reaches so far; what is above all belongs to the last. */
export function classOf(value: number, limits: number[]): number {
  if (value <= 0) return 0;
  const index = limits.findIndex((limit) => value <= limit);
  return index < 0 ? limits.length : index + 1;
}
