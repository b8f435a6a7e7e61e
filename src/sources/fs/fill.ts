import { locate } from "../../lib/yaml/locate.ts";
import { positionAt } from "../../lib/yaml/position.ts";
import type { Issue, Parsed, Path } from "../../model/parsed.ts";
import type { Severity } from "../../model/problem.ts";
import type { Resource } from "../../model/resource.ts";
import type { ByteStore } from "../../wire/slab.ts";
import { identityOf, subjectOf } from "./identity.ts";
import type { Decode } from "./options.ts";
import { Claim, type DocumentRecord, type Miss, type Note, type Outcome } from "./records.ts";
import { type LeftOut, MORE_PROBLEMS, summaryOf, Worst } from "./worst.ts";

/** Issues of one document that are passed on, the worst if there are more. */
const MAX_NOTES = 100;

/** Decodes a document's value, and each item of a list of documents, into the claims, misses and notes of its record. */
export function fillFromValue(
  record: DocumentRecord,
  text: string,
  value: unknown,
  decode: Decode,
  store: ByteStore,
): void {
  if (value === null) return; // nothing between two separators but a null
  const items = itemsOf(value);
  const isList = items.length !== 1 || items[0]!.path.length > 0;
  const places = isList
    ? locate(
        text,
        items.map((item) => item.path),
      )
    : [positionAt(text, contentStart(text))];
  const claims: Claim[] = [];
  const misses: Miss[] = [];
  let issues: Worst<FoundIssue> | undefined;
  items.forEach(({ doc, path }, i) => {
    const identity = identityOf(doc);
    const claim = new Claim(record, (places[i]?.line ?? 1) - 1, identity);
    const parsed = decodeSafely(decode, doc, claim, store);
    const outcome: Outcome = !parsed.ok ? "refused" : parsed.value === undefined ? "ignored" : "served";
    if (parsed.ok && parsed.value !== undefined) {
      claim.hold(parsed.value);
      claims.push(claim);
    } else if (outcome === "refused") misses.push({ outcome, identity });
    else if (identity !== undefined && parsed.issues.length > 0) misses.push({ outcome: "ignored", identity });
    for (const issue of parsed.issues) {
      const { severity } = issue;
      issues ??= new Worst(MAX_NOTES);
      issues.add(severity, () => ({ severity, issue, path: [...path, ...issue.path], doc, outcome }));
    }
  });
  // Nearly all documents are one good resource: they share what is empty.
  if (claims.length > 0) record.claims = claims;
  if (misses.length > 0) record.misses = misses;
  if (issues !== undefined) record.notes = [...notesOf(text, issues.listed), ...noteOn(issues.leftOut)];
}

interface Item {
  readonly doc: unknown;
  readonly path: Path;
}

/** The documents that a value holds: itself, or the items of a `kind: List`, which may be lists again. */
function itemsOf(value: unknown): Item[] {
  const items: Item[] = [];
  const open: Item[] = [{ doc: value, path: [] }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { doc, path } = next;
    const below = listItems(doc);
    if (below === undefined) items.push(next);
    // Pushed backwards, so that they come in order.
    else for (let i = below.length - 1; i >= 0; i--) open.push({ doc: below[i], path: [...path, "items", i] });
  }
  return items;
}

/** `kind: List`, and what the API server lists a kind as, such as `GatewayList`. */
function listItems(doc: unknown): readonly unknown[] | undefined {
  if (typeof doc !== "object" || doc === null) return undefined;
  const { kind, items } = doc as { readonly kind?: unknown; readonly items?: unknown };
  if (typeof kind !== "string" || !kind.endsWith("List")) return undefined;
  if (items === null) return []; // `items:` with nothing behind it, and what Go writes for a list without items
  return Array.isArray(items) ? items : undefined;
}

// One document that the decoder stumbles over must not take the others with it.
function decodeSafely(decode: Decode, doc: unknown, claim: Claim, store: ByteStore): Parsed<Resource | undefined> {
  try {
    return decode(doc, claim, store);
  } catch (error) {
    const message = `decoding failed, which is a bug in Galley: ${error instanceof Error ? error.message : String(error)}`;
    return { ok: false, issues: [{ severity: "error", code: "decode-bug", path: [], message }] };
  }
}

interface FoundIssue {
  readonly severity: Severity;
  readonly issue: Issue;
  readonly path: Path;
  readonly doc: unknown;
  readonly outcome: Outcome;
}

function notesOf(text: string, found: readonly FoundIssue[]): Note[] {
  const places = locate(
    text,
    found.map(({ path }) => path),
  );
  return found.map(({ issue: { severity, code, message }, doc, outcome }, i) => ({
    severity,
    code,
    message,
    line: (places[i]?.line ?? 1) - 1,
    column: places[i]?.column,
    subject: subjectOf(doc),
    outcome,
    identity: identityOf(doc),
  }));
}

/** One note for all issues that there was no room for. */
function noteOn(leftOut: LeftOut): Note[] {
  const summary = summaryOf(leftOut, "the document");
  if (summary === undefined) return [];
  const nowhere = { line: 0, column: undefined, subject: undefined, identity: undefined };
  return [{ ...summary, code: MORE_PROBLEMS, outcome: "served", ...nowhere }];
}

/** Where a document begins, behind blank lines and comments. */
function contentStart(text: string): number {
  return /^(?:[ \t\ufeff]*(?:#[^\r\n]*)?(?:\r\n|\r|\n))*/.exec(text)![0].length;
}
