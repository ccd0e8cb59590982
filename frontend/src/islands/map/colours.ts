// Colours of maps. Those of rings and dots are the same surfaces as in styles/_tokens.scss.
export const FILLS = { red: "#c4281c", yellow: "#dc6803", green: "#079455", grey: "#8894a7", blue: "#2563d9" } as const;
export type Colour = keyof typeof FILLS;

// A wall screen is dark at night. The colours are constants of the page, so on a change the page is loaded anew.
const darkScheme = matchMedia("(prefers-color-scheme: dark)");
const isWallScreen = document.body.classList.contains("screen");
if (isWallScreen) darkScheme.addEventListener("change", () => location.reload());
const isDark = isWallScreen && darkScheme.matches;

export const WATER = isDark ? "#0f1521" : "#e6ebf2";
export const LAND = isDark ? "#1a2231" : "#fbfcfd";
export const BORDER = isDark ? "#3a465b" : "#b8c1cf";
export const BORDER_STRONG = isDark ? "#6b7890" : "#8894a7";
export const LABEL = isDark ? "#d5d9e2" : "#475467";
export const HALO = isDark ? "#0f1521" : "#fff";

// None to most, one hue and even steps of lightness, so that it is read without seeing colours too.
export const RAMP = isDark
  ? ["#1f2a3c", "#24406e", "#2c5cae", "#3f7ee8", "#7fadff", "#cfe0ff"]
  : ["#f6f8fc", "#d6e3fd", "#a6c4fa", "#6e9df2", "#3570de", "#153e94"];

// One for each layer over the map, in the order of `data-overlays`; `swatch-n` in styles/_explore.scss shows the same.
export const OVERLAYS = ["#7a2e9e", "#0e7c86", "#b45309", "#be185d", "#3f6212", "#1f2937"] as const;

/** A report's dot, told apart by size and hole too: waiting is large, done is a ring. */
export function dotStyle(name: unknown): { fill: string; edge: string; size: number } {
  const colour = fillColour(name);
  if (name === "green") return { fill: "#fff", edge: colour, size: 5.5 };
  return { fill: colour, edge: "#fff", size: name === "red" ? 8 : 6.5 };
}

/** Grey for a name that this release does not know. */
export function fillColour(name: unknown): string {
  return FILLS[name as Colour] ?? FILLS.grey;
}
