import { isUtf8 } from "node:buffer";
import { damageIn, decodeDamaged } from "./damage.ts";
import { type Position, positionAt } from "./position.ts";

/** A file's text, or why it has none. */
type FileText = DecodedText | NoText;

interface NoText {
  readonly ok: false;
  readonly message: string;
}

type WholeText = { readonly ok: true; readonly text: string } | (NoText & { readonly at?: Position });

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

/** The text of a file of which nothing is used unless all of it is text; or what is not, where that is known, and the remedy. */
export function wholeTextOf(bytes: Buffer): WholeText {
  const decoded = textOf(bytes);
  const damage = decoded.ok && decoded.isDamaged ? damageIn(decoded.text) : undefined;
  if (!decoded.ok || damage === undefined) return decoded;
  return { ok: false, message: damage.message, at: positionAt(decoded.text, damage.offset) };
}

/** Whether it begins with two characters of ASCII in UTF-16, as all YAML and JSON does in that. */
function isBareUtf16([a, b, c, d]: Buffer): boolean {
  if (a === undefined || b === undefined || c === undefined || d === undefined) return false;
  return (isAscii(a) && b === 0 && isAscii(c) && d === 0) || (a === 0 && isAscii(b) && c === 0 && isAscii(d));
}

function isAscii(byte: number): boolean {
  return byte >= 0x09 && byte < 0x7f;
}
