import { YamlFault } from "./fault.ts";

/** With a byte added it makes half of a surrogate pair, which alone is nothing that UTF-8 can give. */
const STRAY = 0xdc00;

/** The least character that UTF-8 writes in so many bytes. */
const least = [0, 0, 0x80, 0x800, 0x1_0000] as const;

/** The text of bytes that are not all UTF-8. What is, reads as ever; `damageIn` finds the other bytes, each at its own place. */
export function decodeDamaged(bytes: Uint8Array): string {
  const units = new Uint16Array(bytes.length);
  let length = 0;
  for (let at = 0; at < bytes.length;) {
    const byte = bytes[at]!;
    const size = byte < 0x80 ? 1 : byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4;
    const character = size === 1 ? byte : characterAt(bytes, at, size);
    if (character === undefined) {
      units[length++] = STRAY + byte;
      at++;
      continue;
    }
    if (character > 0xffff) {
      units[length++] = 0xd7c0 + (character >> 10);
      units[length++] = 0xdc00 + (character & 0x3ff);
    } else units[length++] = character;
    at += size;
  }
  return Buffer.from(units.buffer, 0, 2 * length).toString("utf16le");
}

/** The character of several bytes that begins there; `undefined` when none does (RFC 3629). */
function characterAt(bytes: Uint8Array, at: number, size: 2 | 3 | 4): number | undefined {
  const first = bytes[at]!;
  if (first < 0xc0 || first >= 0xf8) return undefined;
  let character = first & (0x7f >> size);
  for (let i = 1; i < size; i++) {
    const next = bytes[at + i];
    if (next === undefined || (next & 0xc0) !== 0x80) return undefined;
    character = (character << 6) | (next & 0x3f);
  }
  const isSurrogate = character >= 0xd800 && character <= 0xdfff;
  return character < least[size] || character > 0x10_ffff || isSurrogate ? undefined : character;
}

/** The first thing in a part of such a text that is no text, and where; `undefined` when all of it is. */
export function damageIn(text: string): YamlFault | undefined {
  const found = /[\0\p{Surrogate}]/u.exec(text);
  if (found === null) return undefined;
  const code = found[0].charCodeAt(0);
  const message =
    code === 0
      ? "there is a NUL, which no text has; restore the file, or remove it"
      : `the byte 0x${(code - STRAY).toString(16)} is not UTF-8; save the file as UTF-8`;
  return new YamlFault("not-text", message, found.index);
}
