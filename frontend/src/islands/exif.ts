// Reads only the GPS position out of a JPEG's EXIF block (TIFF inside APP1), nothing else.

const HEAD_BYTES = 256 * 1024; // EXIF stands at the beginning
const GPS_POINTER = 0x8825;
const EXIF_POINTER = 0x8769;
const TAKEN = 0x9003;
const ZONE = 0x9011;
const LAT_REF = 1;
const LAT = 2;
const LON_REF = 3;
const LON = 4;
const RATIONAL_TRIPLE = 24; // bytes

export interface Place {
  lon: number;
  lat: number;
}

/** Where a photo was taken; null when it does not say, or is not a JPEG. */
export async function placeOf(file: Blob): Promise<Place | null> {
  try {
    return gps(new DataView(await file.slice(0, HEAD_BYTES).arrayBuffer()));
  } catch {
    return null; // cut off or malformed: as good as none
  }
}

function gps(view: DataView): Place | null {
  const start = tiffStart(view);
  if (start === null) return null;
  const tiff = new Tiff(view, start);
  const pointer = tiff.entries(tiff.long(4)).get(GPS_POINTER);
  if (pointer === undefined) return null;
  const tags = tiff.entries(tiff.long(pointer));
  const lat = tiff.degrees(tags.get(LAT), tags.get(LAT_REF));
  const lon = tiff.degrees(tags.get(LON), tags.get(LON_REF));
  if (lat === null || lon === null || (lat === 0 && lon === 0)) return null;
  return Math.abs(lat) <= 90 && Math.abs(lon) <= 180 ? { lon, lat } : null;
}

/** When a JPEG says that it was taken, as `2026-10-01T08:30:00`, with the zone where the camera wrote one; else "". */
export async function timeOf(file: Blob): Promise<string> {
  try {
    const view = new DataView(await file.slice(0, HEAD_BYTES).arrayBuffer());
    const start = tiffStart(view);
    return start === null ? "" : new Tiff(view, start).taken();
  } catch {
    return "";
  }
}

/** Offset of the TIFF header behind "Exif\0\0". */
function tiffStart(view: DataView): number | null {
  if (view.getUint16(0) !== 0xffd8) return null;
  let at = 2;
  while (at + 10 < view.byteLength) {
    const marker = view.getUint16(at);
    if ((marker & 0xff00) !== 0xff00 || marker === 0xffda) return null;
    if (marker === 0xffe1 && view.getUint32(at + 4) === 0x45786966) return at + 10;
    at += 2 + view.getUint16(at + 2);
  }
  return null;
}

class Tiff {
  private readonly little: boolean;

  constructor(
    private readonly view: DataView,
    private readonly start: number,
  ) {
    this.little = view.getUint16(start) === 0x4949;
  }

  long(at: number): number {
    return this.view.getUint32(this.start + at, this.little);
  }

  /** Offset of each tag's value field in a directory. */
  entries(at: number): Map<number, number> {
    const found = new Map<number, number>();
    const n = this.view.getUint16(this.start + at, this.little);
    for (let i = 0; i < n; i++) {
      const entry = at + 2 + 12 * i;
      found.set(this.view.getUint16(this.start + entry, this.little), entry + 8);
    }
    return found;
  }

  taken(): string {
    const pointer = this.entries(this.long(4)).get(EXIF_POINTER);
    if (pointer === undefined) return "";
    const tags = this.entries(this.long(pointer));
    const time = this.text(tags.get(TAKEN), 19).match(/^(\d{4}):(\d\d):(\d\d) (\d\d:\d\d:\d\d)$/);
    const zone = this.text(tags.get(ZONE), 6);
    return time ? `${time[1]}-${time[2]}-${time[3]}T${time[4]}${/^[+-]\d\d:\d\d$/.test(zone) ? zone : ""}` : "";
  }

  private text(value: number | undefined, length: number): string {
    if (value === undefined) return "";
    const at = this.start + this.long(value);
    return Array.from({ length }, (_, i) => String.fromCharCode(this.view.getUint8(at + i))).join("");
  }

  /** Degrees, minutes and seconds as three fractions; the reference letter gives the sign. */
  degrees(value: number | undefined, reference: number | undefined): number | null {
    if (value === undefined) return null;
    const at = this.long(value);
    let sum = 0;
    for (let i = 0; i * 8 < RATIONAL_TRIPLE; i++) {
      sum += this.long(at + 8 * i) / this.long(at + 8 * i + 4) / 60 ** i;
    }
    const letter = reference === undefined ? "" : String.fromCharCode(this.view.getUint8(this.start + reference));
    return Number.isFinite(sum) ? ("SW".includes(letter) && letter ? -sum : sum) : null;
  }
}
