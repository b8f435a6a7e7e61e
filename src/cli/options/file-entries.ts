import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  type Scalar,
  type YAMLMap,
} from "yaml";
import { GalleyError } from "../../lib/errors.ts";
import { nestingBound } from "../../lib/yaml/nesting.ts";

/** One key of a config file with the path to it, `processing.server.address`, and its value as it was written. */
export interface FileEntry {
  readonly path: string;
  readonly line: number;
  readonly value: FileValue;
}

/** `null` stands for a key without a value, and `odd` for one that no setting can take. */
type FileValue =
  | { readonly kind: "null" }
  | { readonly kind: "scalar"; readonly text: string }
  | { readonly kind: "list"; readonly texts: readonly string[] }
  | { readonly kind: "odd"; readonly what: string };

const mostDepth = 16;
const mostColumns = 256;

/** The keys of a YAML or JSON document, nested ones joined by dots. Throws `GalleyError` on a broken document. */
export function parseConfigEntries(text: string, file: string): readonly FileEntry[] {
  const lines = new LineCounter();
  const lineOf = (node: Node | null): number => Math.max(1, lines.linePos(node?.range?.[0] ?? 0).line);
  const root = parseRoot(text, file, lines);
  if (root === null || (isScalar(root) && root.value === null)) return [];
  if (!isMap(root)) throw broken(file, lineOf(root), "expected keys and values");
  return [...entriesOf(root as YAMLMap<Node, Node | null>, [])];

  function* entriesOf(map: YAMLMap<Node, Node | null>, parents: readonly string[]): Iterable<FileEntry> {
    for (const { key, value } of map.items) {
      const line = lineOf(key);
      if (!isScalar(key)) throw broken(file, line, "expected a plain key");
      const path = [...parents, String(key.value)];
      if (path.length > mostDepth) throw broken(file, line, "nested too deeply");
      if (isMap<Node, Node | null>(value) && value.items.length > 0) yield* entriesOf(value, path);
      else yield { path: path.join("."), line, value: readValue(value) };
    }
  }
}

function parseRoot(text: string, file: string, lineCounter: LineCounter): Node | null {
  if (nestingBound(text) > mostColumns) throw broken(file, 1, "nested or indented too deeply");
  const document = parseDocument(text, { lineCounter, prettyErrors: false, logLevel: "error" });
  const [error] = document.errors;
  if (error === undefined) return document.contents;
  throw broken(file, lineCounter.linePos(error.pos[0]).line, error.message, error);
}

function readValue(node: Node | null): FileValue {
  if (node === null) return { kind: "null" };
  if (isAlias(node)) return { kind: "odd", what: "an alias" };
  if (isScalar(node)) return node.value === null ? { kind: "null" } : { kind: "scalar", text: scalarText(node) };
  if (!isSeq(node)) return { kind: "odd", what: "keys and values" };
  const items = node.items as readonly Node[];
  if (!items.every((item) => isScalar(item))) return { kind: "odd", what: "a list of more than plain values" };
  return { kind: "list", texts: items.map(scalarText) };
}

/** The value as it was written: `0x10` stays that, and is refused or not by who reads it. */
function scalarText(node: Scalar): string {
  return typeof node.value === "string" ? node.value : (node.source ?? String(node.value));
}

function broken(file: string, line: number, reason: string, cause?: unknown): GalleyError {
  return new GalleyError("GLY_CONFIG_FILE_SYNTAX", `${file}:${line}: ${reason}`, { cause, details: { file, line } });
}
