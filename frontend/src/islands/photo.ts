// Previews, smaller files over the phone line, and the place a photo was taken at (read before it is made smaller, which
// loses the EXIF block).
import { createElement, icon, setStatus, statusLine } from "../dom";
import type { LonLat } from "../geo";
import { translate } from "../translate";
import { captureTime, gpsPosition } from "./exif";

const LONGEST_SIDE = 2048; // px
const JPEG_QUALITY = 0.85;
const SMALL_BYTES = 1_200_000; // not worth making smaller

export function mount(element: HTMLElement): void {
  const input = element.querySelector<HTMLInputElement>("input[type=file]");
  if (input) new PhotoInput(element, input);
}

class PhotoInput {
  private files: File[] = [];
  private readonly maxFiles: number;
  private readonly previews = createElement("ul", { class: "shots" });
  private readonly status = statusLine();
  private readonly label = createElement("span", {}, translate("photo_add"));

  constructor(
    private readonly element: HTMLElement,
    private readonly input: HTMLInputElement,
  ) {
    this.maxFiles = Number(element.dataset["max"] ?? 5);
    this.replaceButton();
    input.addEventListener("change", () => void this.add([...(input.files ?? [])]));
    this.files = [...(input.files ?? [])]; // put back after the server returned the form
    if (this.files.length) this.draw();
    input.form?.addEventListener("reset", () => this.clear());
  }

  private clear(): void {
    this.files = [];
    for (const name of ["photo_lon", "photo_lat", "photo_time"]) this.hiddenInput(name)?.setAttribute("value", "");
    this.draw();
  }

  /** A large button in the page's language instead of the browser's own. */
  private replaceButton(): void {
    const frame = createElement("div", { class: "photo-add" });
    const face = createElement("div", { class: "photo-add-face", "aria-hidden": "true" }, icon("camera-plus", "icon-lg"), this.label);
    this.input.after(frame);
    frame.append(this.input, face);
    frame.after(this.previews, this.status);
  }

  private async add(chosenFiles: File[]): Promise<void> {
    const photos = chosenFiles.filter((file) => file.type.startsWith("image/") || file.type === ""); // "": HEIC on some phones
    const otherFile = chosenFiles.find((file) => !photos.includes(file));
    const freePlaces = this.maxFiles - this.files.length;
    setStatus(this.status, translate("photo_working"));
    for (const file of photos.slice(0, Math.max(0, freePlaces))) {
      await this.writePosition(file);
      await this.writeTime(file);
      this.files.push(await shrink(file));
    }
    this.draw();
    if (photos.length > freePlaces) setStatus(this.status, translate("photo_too_many", { max: this.maxFiles }), "error");
    else if (otherFile) setStatus(this.status, translate("photo_not_image", { name: otherFile.name }), "error");
  }

  /** The first photo with a position decides; the pin hears of it (pin.ts). */
  private async writePosition(file: File): Promise<void> {
    const position = await gpsPosition(file);
    if (!position || this.hiddenInput("photo_lon")?.value) return;
    for (const name of ["lon", "lat"] as const) {
      const input = this.hiddenInput(`photo_${name}`);
      if (input) input.value = position[name].toFixed(6);
    }
    this.element.dispatchEvent(new CustomEvent<LonLat>("qlue:photo-place", { detail: position, bubbles: true }));
  }

  private async writeTime(file: File): Promise<void> {
    const input = this.hiddenInput("photo_time");
    if (input && !input.value) input.value = await captureTime(file);
  }

  /** Inside of the island, or elsewhere in the form: both are in use. */
  private hiddenInput(name: string): HTMLInputElement | null {
    const selector = `input[name="${name}"]`;
    return this.element.querySelector(selector) ?? this.input.form?.querySelector(selector) ?? null;
  }

  private remove(file: File): void {
    this.files = this.files.filter((other) => other !== file);
    this.draw();
    this.input.focus();
  }

  private draw(): void {
    const transfer = new DataTransfer(); // the only way to write an input's files
    for (const file of this.files) transfer.items.add(file);
    this.input.files = transfer.files;
    this.previews.replaceChildren(...this.files.map((file, i) => this.preview(file, i + 1)));
    this.label.textContent = translate(this.files.length ? "photo_more" : "photo_add");
    setStatus(this.status, this.files.length ? translate("photo_count", { n: this.files.length, max: this.maxFiles }) : "");
  }

  private preview(file: File, n: number): HTMLLIElement {
    const image = createElement("img", { alt: "" });
    image.src = URL.createObjectURL(file);
    image.addEventListener("load", () => URL.revokeObjectURL(image.src));
    image.addEventListener("error", () => image.replaceWith(file.name)); // a format that this browser cannot draw
    const label = translate("photo_remove", { n });
    const remove = createElement("button", { type: "button", class: "shot-remove", "aria-label": label }, icon("x"));
    remove.addEventListener("click", () => this.remove(file));
    return createElement("li", { class: "shot" }, image, remove);
  }
}

/** The photo itself when it is small or cannot be drawn here, else a JPEG of at most 2048 px. */
async function shrink(file: File): Promise<File> {
  try {
    const image = await createImageBitmap(file, { imageOrientation: "from-image" });
    const scale = Math.min(1, LONGEST_SIDE / Math.max(image.width, image.height));
    if (scale === 1 && file.size <= SMALL_BYTES) return file;
    const blob = await encodeJpeg(image, scale);
    return blob && blob.size < file.size ? jpegFile(blob, file) : file;
  } catch {
    return file; // the server refuses what is no photo
  }
}

function encodeJpeg(image: ImageBitmap, scale: number): Promise<Blob | null> {
  const canvas = createElement("canvas");
  canvas.width = Math.round(image.width * scale);
  canvas.height = Math.round(image.height * scale);
  canvas.getContext("2d")?.drawImage(image, 0, 0, canvas.width, canvas.height);
  image.close();
  return new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", JPEG_QUALITY));
}

function jpegFile(blob: Blob, original: File): File {
  const name = original.name.replace(/\.\w+$/, "") || "foto";
  return new File([blob], `${name}.jpg`, { type: "image/jpeg", lastModified: original.lastModified });
}
