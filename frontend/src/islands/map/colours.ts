// For rings and dots: the same surfaces as in styles/_tokens.scss.
export const FILLS = { red: "#c4281c", yellow: "#dc6803", green: "#079455", grey: "#8894a7", blue: "#2563d9" } as const;
export type Colour = keyof typeof FILLS;

export const WATER = "#e6ebf2";
export const LAND = "#fbfcfd";
export const BORDER = "#b8c1cf";
export const BORDER_STRONG = "#8894a7";
export const LABEL = "#475467";

// Pale to deep; the first is "none".
export const RAMP = ["#f6f8fc", "#d6e3fd", "#a6c4fa", "#6e9df2", "#3570de", "#153e94"] as const;

// One for each layer over the map, in the order of `data-overlays`; `swatch-n` in styles/_explore.scss shows the same.
export const OVERLAYS = ["#7a2e9e", "#0e7c86", "#b45309", "#be185d", "#3f6212", "#1f2937"] as const;

export function colourOf(name: unknown): string {
  return FILLS[name as Colour] ?? FILLS.grey;
}
