import { isUtf8 } from "node:buffer";

/** A file's text, or why it has none. */
export type FileText =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly message: string; readonly offset: number };

/** Decodes the bytes of a file. Text is UTF-8 without NUL; anything else is some other kind of file, or damaged. */
export function textOf(bytes: Buffer): FileText {
  if ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff)) {
    return { ok: false, message: "the file is UTF-16 text; save it as UTF-8", offset: 0 };
  }
  const nul = bytes.indexOf(0);
  if (nul >= 0) {
    return {
      ok: false,
      message: `the file is not text: it has a NUL at byte ${nul}; remove it or restore it`,
      offset: nul,
    };
  }
  if (isUtf8(bytes)) return { ok: true, text: bytes.toString("utf8") };
  const offset = validPrefix(bytes);
  const message = `the file is not UTF-8 text: it goes wrong at byte ${offset}; save it as UTF-8`;
  return { ok: false, message, offset };
}

/** Bytes that are UTF-8 from the start, up to the first character that is not. */
function validPrefix(bytes: Buffer): number {
  let low = 0;
  let high = bytes.length;
  // Whether a prefix is valid is the same question for all that end between characters: halve, then go on byte by byte.
  while (high - low > 8) {
    const middle = characterStart(bytes, Math.floor((low + high) / 2));
    if (middle <= low) break;
    if (isUtf8(bytes.subarray(low, middle))) low = middle;
    else high = middle;
  }
  for (let end = low + 1; end <= bytes.length; end++) {
    if (isUtf8(bytes.subarray(low, end))) low = end;
    else if (end - low >= 4) break;
  }
  return low;
}

/** The nearest byte at or before `at` that doesn't continue a character. */
function characterStart(bytes: Buffer, at: number): number {
  let start = at;
  while (start > 0 && at - start < 4 && (bytes[start]! & 0xc0) === 0x80) start--;
  return start;
}
