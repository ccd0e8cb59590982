// Writes JPEGs with an EXIF block byte by byte, as cameras do.

type Rational = [numerator: number, denominator: number];

export interface ExifContent {
  littleEndian?: boolean;
  /** Degrees, minutes, seconds and the reference letter. */
  latitude?: [Rational[], string];
  longitude?: [Rational[], string];
  time?: string;
  zone?: string;
  /** Other segments before the EXIF block. */
  before?: number[][];
}

const IFD0 = 8;
const GPS_IFD = 64;
const EXIF_IFD = 160;
const VALUES = 256;

class TiffWriter {
  private readonly view = new DataView(new ArrayBuffer(512));
  private nextValue = VALUES;

  constructor(private readonly littleEndian: boolean) {
    this.view.setUint16(0, littleEndian ? 0x4949 : 0x4d4d);
    this.view.setUint16(2, 42, littleEndian);
    this.view.setUint32(4, IFD0, littleEndian);
  }

  /** Entries of 12 bytes: tag, type, count, and a value of four bytes. */
  directory(offset: number, entries: [tag: number, value: number | string][]): void {
    this.view.setUint16(offset, entries.length, this.littleEndian);
    entries.forEach(([tag, value], i) => {
      const entry = offset + 2 + 12 * i;
      this.view.setUint16(entry, tag, this.littleEndian);
      if (typeof value === "string") this.view.setUint8(entry + 8, value.charCodeAt(0));
      else this.view.setUint32(entry + 8, value, this.littleEndian);
    });
  }

  rationals(values: Rational[]): number {
    const offset = this.take(8 * values.length);
    values.flat().forEach((value, i) => this.view.setUint32(offset + 4 * i, value, this.littleEndian));
    return offset;
  }

  text(value: string): number {
    const offset = this.take(value.length);
    [...value].forEach((letter, i) => this.view.setUint8(offset + i, letter.charCodeAt(0)));
    return offset;
  }

  bytes(): number[] {
    return [...new Uint8Array(this.view.buffer)];
  }

  private take(bytes: number): number {
    const offset = this.nextValue;
    this.nextValue += bytes;
    return offset;
  }
}

export function jpegBytes(content: ExifContent): Uint8Array<ArrayBuffer> {
  const tiff = new TiffWriter(content.littleEndian ?? true);
  const pointers: [number, number][] = [];
  if (content.latitude || content.longitude) pointers.push([0x8825, GPS_IFD]);
  if (content.time || content.zone) pointers.push([0x9999, 0], [0x8769, EXIF_IFD]);
  tiff.directory(IFD0, pointers);
  tiff.directory(GPS_IFD, gpsEntries(tiff, content));
  tiff.directory(EXIF_IFD, timeEntries(tiff, content));
  const exif = segment(0xe1, [...ascii("Exif"), 0, 0, ...tiff.bytes()]);
  return Uint8Array.from([0xff, 0xd8, ...(content.before ?? []).flat(), ...exif, 0xff, 0xda, 0, 2]);
}

export function jpeg(content: ExifContent): Blob {
  return new Blob([jpegBytes(content)], { type: "image/jpeg" });
}

export function segment(marker: number, payload: number[]): number[] {
  const length = payload.length + 2;
  return [0xff, marker, length >> 8, length & 0xff, ...payload];
}

function gpsEntries(tiff: TiffWriter, { latitude, longitude }: ExifContent): [number, number | string][] {
  const entries: [number, number | string][] = [];
  if (latitude) entries.push([1, latitude[1]], [2, tiff.rationals(latitude[0])]);
  if (longitude) entries.push([3, longitude[1]], [4, tiff.rationals(longitude[0])]);
  return entries;
}

function timeEntries(tiff: TiffWriter, { time, zone }: ExifContent): [number, number][] {
  const entries: [number, number][] = [];
  if (time) entries.push([0x9003, tiff.text(time)]);
  if (zone) entries.push([0x9011, tiff.text(zone)]);
  return entries;
}

function ascii(text: string): number[] {
  return [...text].map((letter) => letter.charCodeAt(0));
}
