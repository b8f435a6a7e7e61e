import type { DocumentRecord, FileRecord } from "./records.ts";

/** The documents of a file in order, and the line on which each begins. */
export interface Reading {
  readonly documents: readonly DocumentRecord[];
  readonly lines: readonly number[];
}

/** Whether a file is read as JSON and not as YAML. */
export function isJson(file: FileRecord): boolean {
  return file.path.endsWith(".json");
}

/** Tells the documents where they now stand: for a reading that is taken. */
export function place({ documents, lines }: Reading): void {
  documents.forEach((document, index) => {
    document.index = index;
    document.line = lines[index]!;
  });
}
