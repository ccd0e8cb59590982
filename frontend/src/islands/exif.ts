// Reads position and time out of a JPEG's EXIF block (TIFF inside APP1), nothing else. Offsets and tags: EXIF 2.32.
import type { LonLat } from "../geo";

const HEAD_BYTES = 256 * 1024; // EXIF stands at the beginning
const JPEG_START = 0xffd8;
const APP1 = 0xffe1;
const START_OF_SCAN = 0xffda; // from here on there is only the picture
const EXIF_SIGNATURE = 0x45786966; // "Exif"
const LITTLE_ENDIAN = 0x4949; // "II"
const GPS_POINTER = 0x8825;
const EXIF_POINTER = 0x8769;
const DATE_TIME_ORIGINAL = 0x9003;
const OFFSET_TIME_ORIGINAL = 0x9011;
const GPS_LATITUDE_REF = 1;
const GPS_LATITUDE = 2;
const GPS_LONGITUDE_REF = 3;
const GPS_LONGITUDE = 4;
const ENTRY_BYTES = 12;
const RATIONAL_BYTES = 8;

/** Where a photo was taken; null when it does not say, or is not a JPEG. */
export async function gpsPosition(file: Blob): Promise<LonLat | null> {
  try {
    return (await readTiff(file))?.position() ?? null;
  } catch {
    return null; // cut off or malformed: as good as none
  }
}

/** When a JPEG says that it was taken, as `2026-10-01T08:30:00`, with the zone where the camera wrote one; else "". */
export async function captureTime(file: Blob): Promise<string> {
  try {
    return (await readTiff(file))?.captureTime() ?? "";
  } catch {
    return "";
  }
}

async function readTiff(file: Blob): Promise<Tiff | null> {
  const view = new DataView(await file.slice(0, HEAD_BYTES).arrayBuffer());
  const start = tiffStart(view);
  return start === null ? null : new Tiff(view, start);
}

/** Offset of the TIFF header behind "Exif\0\0"; walks the JPEG's segments until the picture begins. */
function tiffStart(view: DataView): number | null {
  if (view.getUint16(0) !== JPEG_START) return null;
  let offset = 2;
  while (offset + 10 < view.byteLength) {
    const marker = view.getUint16(offset);
    if ((marker & 0xff00) !== 0xff00 || marker === START_OF_SCAN) return null;
    if (marker === APP1 && view.getUint32(offset + 4) === EXIF_SIGNATURE) return offset + 10;
    offset += 2 + view.getUint16(offset + 2);
  }
  return null;
}

/** All offsets count from the TIFF header. A read behind the end throws, and the photo then says nothing. */
class Tiff {
  private readonly isLittleEndian: boolean;

  constructor(
    private readonly view: DataView,
    private readonly start: number,
  ) {
    this.isLittleEndian = view.getUint16(start) === LITTLE_ENDIAN;
  }

  position(): LonLat | null {
    const tags = this.directory(GPS_POINTER);
    const lat = this.degrees(tags.get(GPS_LATITUDE), tags.get(GPS_LATITUDE_REF));
    const lon = this.degrees(tags.get(GPS_LONGITUDE), tags.get(GPS_LONGITUDE_REF));
    if (lat === null || lon === null || (lat === 0 && lon === 0)) return null; // cameras without a fix write 0, 0
    return Math.abs(lat) <= 90 && Math.abs(lon) <= 180 ? { lon, lat } : null;
  }

  captureTime(): string {
    const tags = this.directory(EXIF_POINTER);
    const time = this.text(tags.get(DATE_TIME_ORIGINAL), 19).match(/^(\d{4}):(\d\d):(\d\d) (\d\d:\d\d:\d\d)$/);
    const zone = this.text(tags.get(OFFSET_TIME_ORIGINAL), 6);
    return time ? `${time[1]}-${time[2]}-${time[3]}T${time[4]}${/^[+-]\d\d:\d\d$/.test(zone) ? zone : ""}` : "";
  }

  /** The tags of the directory that `pointer` in the first directory leads to; none when there is no such pointer. */
  private directory(pointer: number): Map<number, number> {
    const value = this.tags(this.uint32(4)).get(pointer);
    return value === undefined ? new Map() : this.tags(this.uint32(value));
  }

  /** Offset of each tag's value field. An entry is tag (2 bytes), type (2), count (4), value (4). */
  private tags(directory: number): Map<number, number> {
    const valueOffsets = new Map<number, number>();
    const count = this.view.getUint16(this.start + directory, this.isLittleEndian);
    for (let i = 0; i < count; i++) {
      const entry = directory + 2 + ENTRY_BYTES * i;
      valueOffsets.set(this.view.getUint16(this.start + entry, this.isLittleEndian), entry + 8);
    }
    return valueOffsets;
  }

  private uint32(offset: number): number {
    return this.view.getUint32(this.start + offset, this.isLittleEndian);
  }

  private text(value: number | undefined, length: number): string {
    if (value === undefined) return "";
    const offset = this.start + this.uint32(value);
    return Array.from({ length }, (_, i) => String.fromCharCode(this.view.getUint8(offset + i))).join("");
  }

  /** Degrees, minutes and seconds as three fractions; the reference letter gives the sign. */
  private degrees(value: number | undefined, reference: number | undefined): number | null {
    if (value === undefined) return null;
    const offset = this.uint32(value);
    let sum = 0;
    for (let i = 0; i < 3; i++) {
      const rational = offset + RATIONAL_BYTES * i;
      sum += this.uint32(rational) / this.uint32(rational + 4) / 60 ** i;
    }
    const letter = reference === undefined ? "" : String.fromCharCode(this.view.getUint8(this.start + reference));
    const isNegative = letter !== "" && "SW".includes(letter);
    return Number.isFinite(sum) ? (isNegative ? -sum : sum) : null; // 0/0 is NaN
  }
}
