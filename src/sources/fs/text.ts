import { isUtf8 } from "node:buffer";
import { decodeDamaged } from "./damage.ts";

/** A file's text, or why it has none. */
export type FileText = DecodedText | { readonly ok: false; readonly message: string };

export interface DecodedText {
  readonly ok: true;
  readonly text: string;
  /** Whether something in it may be no text (`damageIn`). */
  readonly isDamaged: boolean;
}

/** Decodes the bytes of a file. Text is UTF-8 without NUL; what has but some of anything else is damaged text. */
export function textOf(bytes: Buffer): FileText {
  const hasMark = (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);
  const hasNul = bytes.includes(0);
  if (hasMark || (hasNul && isBareUtf16(bytes))) {
    return { ok: false, message: "the file is UTF-16 text; save it as UTF-8" };
  }
  const isValid = isUtf8(bytes);
  return { ok: true, text: isValid ? bytes.toString("utf8") : decodeDamaged(bytes), isDamaged: hasNul || !isValid };
}

/** Whether it begins with two characters of ASCII in UTF-16, as all YAML and JSON does in that. */
function isBareUtf16([a, b, c, d]: Buffer): boolean {
  if (a === undefined || b === undefined || c === undefined || d === undefined) return false;
  return (isAscii(a) && b === 0 && isAscii(c) && d === 0) || (a === 0 && isAscii(b) && c === 0 && isAscii(d));
}

function isAscii(byte: number): boolean {
  return byte >= 0x09 && byte < 0x7f;
}
