export const COLOURS = { red: "#b42318", yellow: "#b54708", green: "#067647", grey: "#475467", blue: "#175cd3" } as const;
export type Colour = keyof typeof COLOURS;

export const WATER = "#e6ebf2";
export const LAND = "#fbfcfd";
export const BORDER = "#b8c1cf";
export const BORDER_STRONG = "#8894a7";
export const LABEL = "#475467";

// Pale to deep; the first is "none".
export const RAMP = ["#f6f8fc", "#d6e3fd", "#a6c4fa", "#6e9df2", "#3570de", "#153e94"] as const;

export function colourOf(name: unknown): string {
  return COLOURS[name as Colour] ?? COLOURS.grey;
}
