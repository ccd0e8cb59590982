// Lines and zones on a camera's still: drag the corners, or focus one and use the arrow keys.
import "../styles/marks-island.scss";
import { createElement, icon, setStatus, statusLine } from "../dom";
import { translate } from "../translate";
import { type Kind, KINDS, type Mark, newMark, parseMarks, serializeMarks } from "./marks/data";
import { clampShare, forwardArrow, splitEdge, SVG_SIZE } from "./marks/geometry";

const STEP = 0.01;
const BIG_STEP = 0.05;
const ARROWS: Record<string, readonly [dx: number, dy: number]> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};
const MAX_CORNERS = 20; // as in qlue/vision/rules/marks.py

type FieldKey = "name" | "limit" | "seconds";

export function mount(element: HTMLElement): void {
  const textarea = element.querySelector("textarea");
  if (textarea) new MarkEditor(element, textarea);
}

/** The form's textarea has the truth as JSON; each change is written there, and everything is drawn anew. */
class MarkEditor {
  private readonly marks: Mark[];
  private selected = 0;
  private readonly status = statusLine();
  private readonly picture = createElement("img", { class: "marks-still", alt: "" });
  private readonly drawing = createSvg("svg", {
    class: "marks-sheet",
    viewBox: `0 0 ${SVG_SIZE} ${SVG_SIZE}`,
    preserveAspectRatio: "none",
  });
  private readonly stage = createElement("div", { class: "marks-stage" });
  private readonly cards = createElement("div", { class: "stack" });

  constructor(
    element: HTMLElement,
    private readonly textarea: HTMLTextAreaElement,
  ) {
    this.marks = parseMarks(textarea.value);
    const field = textarea.closest<HTMLElement>(".field") ?? textarea;
    field.hidden = true;
    this.stage.append(this.picture, this.drawing);
    const buttons = createElement("div", { class: "cluster" }, ...KINDS.map((kind) => this.addButton(kind)));
    const side = createElement("div", { class: "stack" }, buttons, this.status, this.cards);
    element.append(createElement("div", { class: "marks" }, this.stage, side));
    this.loadPicture(element.dataset["still"] ?? "");
    this.draw();
  }

  private loadPicture(address: string): void {
    setStatus(this.status, translate("marks_loading"));
    this.picture.addEventListener("load", () => setStatus(this.status, ""));
    this.picture.addEventListener("error", () => setStatus(this.status, translate("marks_no_still"), "error"));
    this.picture.src = address;
  }

  private addButton(kind: Kind): HTMLButtonElement {
    const label = translate(`marks_${kind}`);
    const button = createElement("button", { type: "button", class: "btn btn-sm btn-outline-primary" }, icon("plus"), label);
    button.addEventListener("click", () => {
      this.marks.push(newMark(kind, this.marks, label));
      this.selected = this.marks.length - 1;
      this.saveAndDraw();
      this.handleAt(this.selected, 0)?.focus();
    });
    return button;
  }

  private saveAndDraw(): void {
    this.textarea.value = serializeMarks(this.marks);
    this.draw();
  }

  /** Handles are drawn anew, so the focus is put back; the cards stay while somebody types in one of them. */
  private draw(): void {
    const focusedHandle = this.stage.querySelector<HTMLElement>(":focus")?.dataset["at"];
    this.drawing.replaceChildren(...this.marks.flatMap((mark, i) => this.shapes(mark, i)));
    this.stage.querySelectorAll(".marks-handle").forEach((handle) => handle.remove());
    this.stage.append(...this.marks.flatMap((mark, i) => mark.points.map((_, corner) => this.handle(mark, i, corner))));
    if (focusedHandle) this.stage.querySelector<HTMLElement>(`[data-at="${focusedHandle}"]`)?.focus();
    const isTyping = this.cards.contains(document.activeElement);
    if (!isTyping) this.cards.replaceChildren(...this.marks.map((mark, i) => this.card(mark, i)));
  }

  private shapes(mark: Mark, i: number): SVGElement[] {
    const points = mark.points.map(([x, y]) => `${x * SVG_SIZE},${y * SVG_SIZE}`).join(" ");
    const chosenClass = i === this.selected ? " is-chosen" : "";
    const tag = mark.kind === "line" ? "polyline" : "polygon";
    const shape = createSvg(tag, { points, class: `marks-shape marks-${mark.kind}${chosenClass}` });
    shape.addEventListener("click", () => this.select(i));
    if (mark.kind !== "line") return [shape];
    return [shape, createSvg("path", { class: "marks-arrow", d: forwardArrow(mark) })];
  }

  private select(i: number): void {
    this.selected = i;
    this.draw();
  }

  private handleAt(i: number, corner: number): HTMLElement | null {
    return this.stage.querySelector(`[data-at="${i}.${corner}"]`);
  }

  private handle(mark: Mark, i: number, corner: number): HTMLElement {
    const label = translate("marks_corner", { n: corner + 1, name: mark.name });
    const attributes = { type: "button", class: "marks-handle", "data-at": `${i}.${corner}`, "aria-label": label };
    const handle = createElement("button", attributes);
    const [x, y] = mark.points[corner] ?? [0, 0];
    handle.style.left = `${x * 100}%`;
    handle.style.top = `${y * 100}%`;
    if (i === this.selected) handle.classList.add("is-chosen");
    handle.addEventListener("focus", () => i !== this.selected && this.select(i));
    handle.addEventListener("keydown", (event) => this.onKey(event, mark, corner));
    handle.addEventListener("pointerdown", (event) => this.drag(event, i, corner));
    return handle;
  }

  private onKey(event: KeyboardEvent, mark: Mark, corner: number): void {
    const direction = ARROWS[event.key];
    const point = mark.points[corner];
    if (direction && point) {
      const step = event.shiftKey ? BIG_STEP : STEP;
      mark.points[corner] = [clampShare(point[0] + direction[0] * step), clampShare(point[1] + direction[1] * step)];
    } else if (event.key === "Delete" && mark.points.length > 3) mark.points.splice(corner, 1);
    else if (event.key === "+" && mark.kind !== "line" && mark.points.length < MAX_CORNERS) splitEdge(mark, corner);
    else return;
    event.preventDefault();
    this.saveAndDraw();
  }

  /** Listens on the window: the handle under the finger is drawn anew with each move. */
  private drag(event: PointerEvent, i: number, corner: number): void {
    event.preventDefault();
    this.select(i);
    this.handleAt(i, corner)?.focus();
    const move = ({ clientX, clientY }: PointerEvent) => {
      const box = this.stage.getBoundingClientRect();
      const mark = this.marks[i];
      if (mark) mark.points[corner] = [clampShare((clientX - box.left) / box.width), clampShare((clientY - box.top) / box.height)];
      this.saveAndDraw();
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
    const title = createElement("strong", {}, translate(`marks_${mark.kind}`));
    const head = createElement("div", { class: "cluster justify-content-between" }, title, this.removeButton(mark, i));
    const chosenClass = i === this.selected ? " is-chosen" : "";
    const card = createElement("div", { class: `panel panel-body stack${chosenClass}` }, head, this.field(mark, i, "name"));
    if (mark.kind === "crowd" || mark.kind === "road") card.append(this.field(mark, i, "limit"));
    if (mark.kind !== "line") card.append(this.field(mark, i, "seconds"), this.addCornerButton(mark));
    return card;
  }

  private removeButton(mark: Mark, i: number): HTMLElement {
    const label = translate("marks_remove", { name: mark.name });
    const button = createElement("button", { type: "button", class: "btn btn-sm btn-quiet", "aria-label": label }, icon("trash"));
    button.addEventListener("click", () => {
      this.marks.splice(i, 1);
      this.selected = 0;
      this.saveAndDraw();
    });
    return button;
  }

  private addCornerButton(mark: Mark): HTMLElement {
    const attributes = { type: "button", class: "btn btn-sm btn-quiet" };
    const button = createElement("button", attributes, icon("plus"), translate("marks_more"));
    button.addEventListener("click", () => {
      if (mark.points.length < MAX_CORNERS) splitEdge(mark, mark.points.length - 1);
      this.saveAndDraw();
    });
    return button;
  }

  private field(mark: Mark, i: number, key: FieldKey): HTMLElement {
    const id = `mark-${i}-${key}`;
    const isNumeric = key !== "name";
    const limits = isNumeric ? { min: key === "limit" ? "1" : "2" } : { maxlength: "60" };
    const input = createElement("input", { id, class: "form-control", type: isNumeric ? "number" : "text", ...limits });
    input.value = String(mark[key]);
    input.addEventListener("input", () => {
      if (key === "name") mark.name = input.value;
      else mark[key] = Math.round(Number(input.value)) || 0;
      this.saveAndDraw();
    });
    const words = translate(`marks_${key}_${isNumeric ? mark.kind : "any"}`);
    return createElement("div", {}, createElement("label", { for: id, class: "form-label" }, words), input);
  }
}

function createSvg(tag: string, attributes: Record<string, string>): SVGElement {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
}
