// All islands. Each `import()` becomes a file of its own under the module's name, which templates preload by
// `{% island "name" %}`.
import type { Island } from "../mount";

export const ISLANDS: readonly Island[] = [
  ['[data-island="map"]', () => import("./map/map")],
  ['[data-island="pin"]', () => import("./pin")],
  ['[data-island="series"]', () => import("./series")],
  ['[data-island="photo"]', () => import("./photo")],
  ['[data-island="outbox"]', () => import("./outbox")],
  ['[data-island="keep"]', () => import("./keep")],
  ['[data-island="evidence"]', () => import("./evidence")],
  ['[data-island="field"]', () => import("./field")],
  ["form[data-outbox]", () => import("./queued-form")],
  ['[data-island="push"]', () => import("./push")],
  ["[data-keys]", () => import("./keys")],
  ["form[data-draft]", () => import("./draft")],
  ['[data-island="marks"]', () => import("./marks")],
  ["form[data-filter]", () => import("./filter")],
  ["[data-draft-done]", () => import("./draft")],
];
