// Previews, smaller files over the phone line, and the place a photo was taken at (read before it is made smaller).
import { icon, make, sayLine, tell } from "../dom";
import { say } from "../say";
import { type Place, placeOf, timeOf } from "./exif";

const LONGEST_SIDE = 2048; // px
const QUALITY = 0.85;
const SMALL_BYTES = 1_200_000; // not worth making smaller

export function start(element: HTMLElement): void {
  const input = element.querySelector<HTMLInputElement>("input[type=file]");
  if (input) new Photos(element, input);
}

class Photos {
  private chosen: File[] = [];
  private readonly most: number;
  private readonly list = make("ul", { class: "shots" });
  private readonly line = sayLine();
  private readonly face = make("span", {}, say("photo_add"));

  constructor(
    private readonly element: HTMLElement,
    private readonly input: HTMLInputElement,
  ) {
    this.most = Number(element.dataset["max"] ?? 5);
    this.dress();
    input.addEventListener("change", () => void this.add([...(input.files ?? [])]));
    this.chosen = [...(input.files ?? [])]; // put back after the server returned the form
    if (this.chosen.length) this.draw();
    input.form?.addEventListener("reset", () => this.clear());
  }

  private clear(): void {
    this.chosen = [];
    for (const name of ["photo_lon", "photo_lat", "photo_time"]) this.hidden(name)?.setAttribute("value", "");
    this.draw();
  }

  /** A large button in the page's language instead of the browser's own. */
  private dress(): void {
    const frame = make("div", { class: "photo-add" });
    this.input.after(frame);
    frame.append(this.input, make("div", { class: "photo-add-face", "aria-hidden": "true" }, icon("camera-plus", "icon-lg"), this.face));
    frame.after(this.list, this.line);
  }

  private async add(files: File[]): Promise<void> {
    const photos = files.filter((file) => file.type.startsWith("image/") || file.type === "");
    const other = files.find((file) => !photos.includes(file));
    const room = this.most - this.chosen.length;
    tell(this.line, say("photo_working"));
    for (const file of photos.slice(0, Math.max(0, room))) {
      await this.notePlace(file);
      await this.noteTime(file);
      this.chosen.push(await smaller(file));
    }
    this.draw();
    if (photos.length > room) tell(this.line, say("photo_too_many", { max: this.most }), "error");
    else if (other) tell(this.line, say("photo_not_image", { name: other.name }), "error");
  }

  private async notePlace(file: File): Promise<void> {
    const place = await placeOf(file);
    if (!place || this.hidden("photo_lon")?.value) return;
    this.write(place);
    this.element.dispatchEvent(new CustomEvent<Place>("qlue:photo-place", { detail: place, bubbles: true }));
  }

  private async noteTime(file: File): Promise<void> {
    const input = this.hidden("photo_time");
    if (input && !input.value) input.value = await timeOf(file);
  }

  private write(place: Place): void {
    for (const name of ["lon", "lat"] as const) {
      const input = this.hidden(`photo_${name}`);
      if (input) input.value = place[name].toFixed(6);
    }
  }

  private hidden(name: string): HTMLInputElement | null {
    return this.element.querySelector(`input[name="${name}"]`) ?? this.input.form?.querySelector(`input[name="${name}"]`) ?? null;
  }

  private remove(file: File): void {
    this.chosen = this.chosen.filter((one) => one !== file);
    this.draw();
    this.input.focus();
  }

  private draw(): void {
    const list = new DataTransfer();
    for (const file of this.chosen) list.items.add(file);
    this.input.files = list.files;
    this.list.replaceChildren(...this.chosen.map((file, i) => this.shot(file, i + 1)));
    this.face.textContent = say(this.chosen.length ? "photo_more" : "photo_add");
    tell(this.line, this.chosen.length ? say("photo_count", { n: this.chosen.length, max: this.most }) : "");
  }

  private shot(file: File, n: number): HTMLLIElement {
    const image = make("img", { alt: "" });
    image.src = URL.createObjectURL(file);
    image.addEventListener("load", () => URL.revokeObjectURL(image.src));
    image.addEventListener("error", () => image.replaceWith(file.name)); // a format that this browser cannot draw
    const remove = make("button", { type: "button", class: "shot-remove", "aria-label": say("photo_remove", { n }) }, icon("x"));
    remove.addEventListener("click", () => this.remove(file));
    return make("li", { class: "shot" }, image, remove);
  }
}

/** The photo itself when it is small or cannot be drawn here, else a JPEG of at most 2048 px. */
async function smaller(file: File): Promise<File> {
  try {
    const image = await createImageBitmap(file, { imageOrientation: "from-image" });
    const scale = Math.min(1, LONGEST_SIDE / Math.max(image.width, image.height));
    if (scale === 1 && file.size <= SMALL_BYTES) return file;
    const blob = await drawn(image, scale);
    return blob && blob.size < file.size ? named(blob, file) : file;
  } catch {
    return file;
  }
}

function drawn(image: ImageBitmap, scale: number): Promise<Blob | null> {
  const canvas = make("canvas");
  canvas.width = Math.round(image.width * scale);
  canvas.height = Math.round(image.height * scale);
  canvas.getContext("2d")?.drawImage(image, 0, 0, canvas.width, canvas.height);
  image.close();
  return new Promise((done) => canvas.toBlob(done, "image/jpeg", QUALITY));
}

function named(blob: Blob, file: File): File {
  const name = file.name.replace(/\.\w+$/, "") || "foto";
  return new File([blob], `${name}.jpg`, { type: "image/jpeg", lastModified: file.lastModified });
}
