import { systemClock } from "../../../lib/clock.ts";
import { Slab } from "../../../wire/slab.ts";
import { readDocuments } from "../documents.ts";
import type { Decode } from "../options.ts";
import { packReading } from "../packed/pack.ts";
import { FileRecord } from "../records.ts";
import { Slice } from "../slice.ts";
import { textOf } from "../../../lib/yaml/text.ts";
import type { ReadOrder, ReadResult } from "./messages.ts";

/** Reads the bytes of a file in one go, as the file source itself would, and packs what they come to. */
export async function readPacked({ bytes, isJson, maxDocuments }: ReadOrder, decode: Decode): Promise<ReadResult> {
  const decoded = textOf(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length));
  if (!decoded.ok) return { kind: "not-text", message: decoded.message };
  const file = new FileRecord(isJson ? "file.json" : "file.yaml", "");
  const slice = new Slice(systemClock, Number.POSITIVE_INFINITY);
  const reading = await readDocuments(file, decoded, { decode, store: new Slab(), slice, maxDocuments });
  return reading === undefined ? { kind: "too-many-documents" } : { kind: "reading", packed: packReading(reading) };
}
