// Lines and zones on a camera's still: drag the corners, or focus one and use the arrow keys.
import "../styles/marks-island.scss";
import { icon, make, sayLine, tell } from "../dom";
import { say } from "../say";
import { type Kind, type Mark, fresh, KINDS, read, write } from "./marks/data";

const STEP = 0.01, BIG_STEP = 0.05;
const ARROWS: Record<string, readonly [number, number]> = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const MOST_CORNERS = 20;

export function start(element: HTMLElement): void {
  const text = element.querySelector("textarea");
  if (text) new Drawing(element, text);
}

class Drawing {
  private marks: Mark[];
  private chosen = 0;
  private readonly line = sayLine();
  private readonly picture = make("img", { class: "marks-still", alt: "" });
  private readonly sheet = svg("svg", { class: "marks-sheet", viewBox: "0 0 1000 1000", preserveAspectRatio: "none" });
  private readonly stage = make("div", { class: "marks-stage" });
  private readonly list = make("div", { class: "stack" });

  constructor(element: HTMLElement, private readonly text: HTMLTextAreaElement) {
    this.marks = read(text.value);
    const field = text.closest<HTMLElement>(".field") ?? text;
    field.hidden = true;
    this.stage.append(this.picture, this.sheet);
    const buttons = KINDS.map((kind) => this.adder(kind));
    const side = make("div", { class: "stack" }, make("div", { class: "cluster" }, ...buttons), this.line, this.list);
    element.append(make("div", { class: "marks" }, this.stage, side));
    this.load(element.dataset["still"] ?? "");
    this.draw();
  }

  private load(address: string): void {
    tell(this.line, say("marks_loading"));
    this.picture.addEventListener("load", () => tell(this.line, ""));
    this.picture.addEventListener("error", () => tell(this.line, say("marks_no_still"), "error"));
    this.picture.src = address;
  }

  private adder(kind: Kind): HTMLButtonElement {
    const button = make("button", { type: "button", class: "btn btn-sm btn-outline-primary" }, icon("plus"), say(`marks_${kind}`));
    button.addEventListener("click", () => {
      this.marks.push(fresh(kind, this.marks, say(`marks_${kind}`)));
      this.chosen = this.marks.length - 1;
      this.changed();
      this.handle(this.chosen, 0)?.focus();
    });
    return button;
  }

  /** Writes what is drawn into the form, and draws it. */
  private changed(): void {
    this.text.value = write(this.marks);
    this.draw();
  }

  private draw(): void {
    const focused = this.stage.querySelector<HTMLElement>(":focus")?.dataset["at"];
    this.sheet.replaceChildren(...this.marks.flatMap((mark, i) => this.shape(mark, i)));
    this.stage.querySelectorAll(".marks-handle").forEach((one) => one.remove());
    this.stage.append(...this.marks.flatMap((mark, i) => mark.points.map((_, corner) => this.corner(mark, i, corner))));
    if (focused) this.stage.querySelector<HTMLElement>(`[data-at="${focused}"]`)?.focus();
    const typing = this.list.contains(document.activeElement);
    if (!typing) this.list.replaceChildren(...this.marks.map((mark, i) => this.card(mark, i)));
  }

  private shape(mark: Mark, i: number): SVGElement[] {
    const points = mark.points.map(([x, y]) => `${x * 1000},${y * 1000}`).join(" ");
    const state = i === this.chosen ? " is-chosen" : "";
    const shape = svg(mark.kind === "line" ? "polyline" : "polygon", { points, class: `marks-shape marks-${mark.kind}${state}` });
    shape.addEventListener("click", () => this.choose(i));
    if (mark.kind !== "line") return [shape];
    return [shape, arrow(mark)];
  }

  private choose(i: number): void {
    this.chosen = i;
    this.draw();
  }

  private handle(i: number, corner: number): HTMLElement | null {
    return this.stage.querySelector(`[data-at="${i}.${corner}"]`);
  }

  private corner(mark: Mark, i: number, corner: number): HTMLElement {
    const label = say("marks_corner", { n: corner + 1, name: mark.name });
    const handle = make("button", { type: "button", class: "marks-handle", "data-at": `${i}.${corner}`, "aria-label": label });
    const [x, y] = mark.points[corner] ?? [0, 0];
    handle.style.left = `${x * 100}%`;
    handle.style.top = `${y * 100}%`;
    if (i === this.chosen) handle.classList.add("is-chosen");
    handle.addEventListener("focus", () => i !== this.chosen && this.choose(i));
    handle.addEventListener("keydown", (event) => this.key(event, mark, corner));
    handle.addEventListener("pointerdown", (event) => this.grab(event, i, corner));
    return handle;
  }

  private key(event: KeyboardEvent, mark: Mark, corner: number): void {
    const way = ARROWS[event.key];
    const point = mark.points[corner];
    if (way && point) {
      const step = event.shiftKey ? BIG_STEP : STEP;
      mark.points[corner] = [inside(point[0] + way[0] * step), inside(point[1] + way[1] * step)];
    } else if (event.key === "Delete" && mark.points.length > 3) mark.points.splice(corner, 1);
    else if (event.key === "+" && mark.kind !== "line" && mark.points.length < MOST_CORNERS) split(mark, corner);
    else return;
    event.preventDefault();
    this.changed();
  }

  private grab(event: PointerEvent, i: number, corner: number): void {
    event.preventDefault();
    this.choose(i);
    this.handle(i, corner)?.focus();
    const move = (now: PointerEvent) => {
      const box = this.stage.getBoundingClientRect();
      const mark = this.marks[i];
      if (mark) mark.points[corner] = [inside((now.clientX - box.left) / box.width), inside((now.clientY - box.top) / box.height)];
      this.changed();
    };
    const end = () => {
      removeEventListener("pointermove", move);
      removeEventListener("pointerup", end);
      removeEventListener("pointercancel", end);
    };
    addEventListener("pointermove", move);
    addEventListener("pointerup", end);
    addEventListener("pointercancel", end);
  }

  private card(mark: Mark, i: number): HTMLElement {
    const gone = make("button", { type: "button", class: "btn btn-sm btn-quiet", "aria-label": say("marks_remove", { name: mark.name }) }, icon("trash"));
    gone.addEventListener("click", () => {
      this.marks.splice(i, 1);
      this.chosen = 0;
      this.changed();
    });
    const head = make("div", { class: "cluster justify-content-between" }, make("strong", {}, say(`marks_${mark.kind}`)), gone);
    const card = make("div", { class: `panel panel-body stack${i === this.chosen ? " is-chosen" : ""}` }, head, this.field(mark, i, "name"));
    if (mark.kind === "crowd" || mark.kind === "road") card.append(this.field(mark, i, "limit"));
    if (mark.kind !== "line") card.append(this.field(mark, i, "seconds"), this.cornerButton(mark));
    return card;
  }

  private cornerButton(mark: Mark): HTMLElement {
    const more = make("button", { type: "button", class: "btn btn-sm btn-quiet" }, icon("plus"), say("marks_more"));
    more.addEventListener("click", () => {
      if (mark.points.length < MOST_CORNERS) split(mark, mark.points.length - 1);
      this.changed();
    });
    return more;
  }

  private field(mark: Mark, i: number, key: "name" | "limit" | "seconds"): HTMLElement {
    const id = `mark-${i}-${key}`;
    const numeric = key !== "name";
    const input = make("input", { id, class: "form-control", type: numeric ? "number" : "text", ...(numeric ? { min: key === "limit" ? "1" : "2" } : { maxlength: "60" }) });
    input.value = String(mark[key]);
    input.addEventListener("input", () => {
      if (key === "name") mark.name = input.value;
      else mark[key] = Math.round(Number(input.value)) || 0;
      this.changed();
    });
    return make("div", {}, make("label", { for: id, class: "form-label" }, say(`marks_${key}_${numeric ? mark.kind : "any"}`)), input);
  }
}

/** An arrow in the middle of a line, to its right: that way is "forward". */
function arrow(mark: Mark): SVGElement {
  const [[x1, y1], [x2, y2]] = mark.points as [[number, number], [number, number]];
  const length = Math.hypot(x2 - x1, y2 - y1) || 1;
  const [nx, ny] = [-(y2 - y1) / length, (x2 - x1) / length];
  const [mx, my] = [(x1 + x2) / 2, (y1 + y2) / 2];
  const tip = [mx + nx * 0.06, my + ny * 0.06];
  const base = [mx + nx * 0.035, my + ny * 0.035];
  const side = [(x2 - x1) / length * 0.02, (y2 - y1) / length * 0.02];
  const at = ([x = 0, y = 0]: number[]) => `${x * 1000} ${y * 1000}`;
  const [bx = 0, by = 0] = base, [sx = 0, sy = 0] = side;
  return svg("path", { class: "marks-arrow", d: `M${at([mx, my])}L${at(tip)}M${at([bx + sx, by + sy])}L${at(tip)}L${at([bx - sx, by - sy])}` });
}

function split(mark: Mark, corner: number): void {
  const [one, other] = [mark.points[corner], mark.points[(corner + 1) % mark.points.length]];
  if (one && other) mark.points.splice(corner + 1, 0, [(one[0] + other[0]) / 2, (one[1] + other[1]) / 2]);
}

function inside(share: number): number {
  return Math.round(Math.min(1, Math.max(0, share)) * 10_000) / 10_000;
}

function svg(tag: string, attributes: Record<string, string>): SVGElement {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
}
