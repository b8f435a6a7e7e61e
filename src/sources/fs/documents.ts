import { hash } from "node:crypto";
import { parseJson } from "../../lib/yaml/json.ts";
import { parseYaml } from "../../lib/yaml/parse.ts";
import { splitYaml, type YamlDocument } from "../../lib/yaml/split.ts";
import type { ByteStore } from "../../wire/slab.ts";
import { fillFromValue } from "./fill.ts";
import type { Decode } from "./options.ts";
import { isJson, type Reading } from "./reading.ts";
import { DocumentRecord, type FileRecord } from "./records.ts";
import type { Slice } from "./slice.ts";

export interface ReadDocumentsDeps {
  readonly decode: Decode;
  readonly store: ByteStore;
  readonly slice: Slice;
  /** How many documents the file may have. */
  readonly maxDocuments: number;
}

/**
 * Makes the records of a file's documents from its text. A document whose text the file had before keeps its record and isn't
 * parsed again, wherever it now stands. `undefined` when there are too many.
 */
export async function readDocuments(
  file: FileRecord,
  text: string,
  deps: ReadDocumentsDeps,
): Promise<Reading | undefined> {
  const { decode, store, slice, maxDocuments } = deps;
  const json = isJson(file);
  const known = new Map<string, DocumentRecord[]>();
  for (const record of file.documents) {
    const same = known.get(record.hash);
    if (same === undefined) known.set(record.hash, [record]);
    else same.push(record);
  }
  const documents: DocumentRecord[] = [];
  const lines: number[] = [];
  for (const piece of json ? whole(text) : splitYaml(text)) {
    if (documents.length === maxDocuments) return undefined;
    // Nobody reads it, and this is the shortest form that keeps all of it.
    const digest = hash("sha256", piece.text, "binary");
    let record = known.get(digest)?.shift();
    if (record === undefined) {
      record = new DocumentRecord(file, digest);
      const own = detach(piece.text);
      const parsed = json ? parseJson(own) : parseYaml(own);
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

function whole(text: string): readonly YamlDocument[] {
  return text.trim() === "" ? [] : [{ text, offset: 0, line: 1 }];
}

/** A copy that shares no memory with the text of the file, which a slice of it, down to a name, would keep alive. */
function detach(text: string): string {
  return Buffer.from(text, "utf8").toString("utf8");
}
