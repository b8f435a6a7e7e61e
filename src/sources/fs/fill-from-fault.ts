import { explain } from "../../lib/yaml/explain.ts";
import type { YamlFault } from "../../lib/yaml/fault.ts";
import type { DocumentRecord } from "./records.ts";

/** Records that a text is no document. What it was meant to be can't be told. */
export function fillFromFault(record: DocumentRecord, text: string, fault: YamlFault): void {
  const { line, column, message } = explain(text, fault);
  record.misses = [{ outcome: "refused", identity: undefined }];
  record.notes = [
    {
      severity: "error",
      code: fault.code,
      message,
      line: line - 1,
      column,
      subject: undefined,
      outcome: "refused",
      identity: undefined,
    },
  ];
}
