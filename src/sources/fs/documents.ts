import { hash } from "node:crypto";
import { parseJson } from "../../lib/yaml/json.ts";
import { parseYaml } from "../../lib/yaml/parse.ts";
import { splitYaml, type YamlDocument } from "../../lib/yaml/split.ts";
import type { ByteStore } from "../../wire/slab.ts";
import { type Piece, withDamage } from "./damage.ts";
import { fillFromValue } from "./fill.ts";
import type { Decode } from "./options.ts";
import { isJson, type Reading } from "./reading.ts";
import { DocumentRecord, type FileRecord } from "./records.ts";
import type { Slice } from "./slice.ts";
import type { DecodedText } from "../../lib/yaml/text.ts";

export interface ReadDocumentsDeps {
  readonly decode: Decode;
  readonly store: ByteStore;
  readonly slice: Slice;
  /** How many documents the file may have. */
  readonly maxDocuments: number;
}

/** So many documents at the beginning of a file tell whether it is another. */
const TELLING = 16;

/** Whether a file's text begins with documents of which it had none before: it is another, and all of it is to be parsed. */
export function isAnother(file: FileRecord, text: DecodedText): boolean {
  const known = new Set(file.documents.map((record) => record.hash));
  let looks = 0;
  for (const piece of piecesOf(file, text)) {
    if (known.has(hashOf(piece))) return false;
    if (++looks === TELLING) break;
  }
  return true;
}

/**
 * Makes the records of a file's documents from its text. A document whose text the file had before keeps its record and isn't
 * parsed again, wherever it now stands. `undefined` when there are too many.
 */
export async function readDocuments(
  file: FileRecord,
  text: DecodedText,
  deps: ReadDocumentsDeps,
): Promise<Reading | undefined> {
  const { decode, store, slice, maxDocuments } = deps;
  const parse = isJson(file) ? parseJson : parseYaml;
  const known = new Map<string, DocumentRecord[]>();
  // The last first: each is taken off the end, and of equal documents there may be very many.
  for (const record of file.documents.toReversed()) {
    const same = known.get(record.hash);
    if (same === undefined) known.set(record.hash, [record]);
    else same.push(record);
  }
  const documents: DocumentRecord[] = [];
  const lines: number[] = [];
  for (const piece of piecesOf(file, text)) {
    if (documents.length === maxDocuments) return undefined;
    const digest = hashOf(piece);
    let record = known.get(digest)?.pop();
    if (record === undefined) {
      record = new DocumentRecord(file, digest);
      const { damage } = piece;
      const own = damage === undefined ? detach(piece.text) : piece.text;
      const parsed = damage === undefined ? parse(own) : ({ ok: false, fault: damage } as const);
      if (parsed.ok) fillFromValue(record, own, parsed.value, decode, store);
      // Who explains faults knows all of YAML, and is large.
      else (await import("./fill-from-fault.ts")).fillFromFault(record, own, parsed.fault);
    }
    documents.push(record);
    lines.push(piece.line);
    if (slice.isOver) await slice.rest();
  }
  return { documents, lines };
}

function piecesOf(file: FileRecord, { text, isDamaged }: DecodedText): Iterable<Piece> {
  const pieces = isJson(file) ? whole(text) : splitYaml(text);
  return isDamaged ? withDamage(text, pieces) : pieces;
}

function hashOf({ text, damage }: Piece): string {
  // Nobody reads it, and this is the shortest form that keeps all of it. Damage is only in UTF-16 told from what UTF-8 may have.
  return hash("sha256", damage ? Buffer.from(text, "utf16le") : text, "binary");
}

function whole(text: string): readonly YamlDocument[] {
  return text.trim() === "" ? [] : [{ text, offset: 0, line: 1 }];
}

/** A copy that shares no memory with the text of the file, which a slice of it, down to a name, would keep alive. */
function detach(text: string): string {
  return Buffer.from(text, "utf8").toString("utf8");
}
