import { suggest } from "../../lib/suggest.ts";
import { resourceName } from "../../model/names.ts";

/** What a document says it is, whether or not the rest of it can be used. */
export interface Identity {
  /** `group/Kind`. */
  readonly kind: string;
  /** `namespace/name`, or the bare name. */
  readonly name: string;
}

/** Reads the identity of a document; `undefined` when it doesn't say enough to tell it from others. */
export function identityOf(doc: unknown): Identity | undefined {
  const { apiVersion, kind, metadata } = asObject(doc);
  const { namespace, name } = asObject(metadata);
  if (!isText(apiVersion) || !isText(kind) || !isText(name)) return undefined;
  if (namespace !== undefined && namespace !== null && typeof namespace !== "string") return undefined;
  // A name that none can have says nothing of what the document was before it was spoiled.
  const full = resourceName(namespace ?? "", name);
  if (full === undefined) return undefined;
  const group = apiVersion.includes("/") ? apiVersion.slice(0, apiVersion.indexOf("/")) : "";
  return { kind: sameString(`${group}/${kind}`), name: full };
}

// A few kinds and collections name a hundred thousand documents: one string for each of them, not for each document.
const strings = new Map<string, string>();

/** The string that stands for all equal ones. */
export function sameString(text: string): string {
  const known = strings.get(text);
  if (known !== undefined) return known;
  if (strings.size === 1000) strings.clear();
  strings.set(text, text);
  return text;
}

/** `Kind namespace/name`, as far as a document says so. */
export function subjectOf(doc: unknown): string | undefined {
  const { kind, metadata } = asObject(doc);
  const { namespace, name } = asObject(metadata);
  if (!isText(kind)) return undefined;
  const full = isText(name) ? ` ${isText(namespace) ? `${namespace}/` : ""}${name}` : "";
  return (kind + full).slice(0, 300);
}

/** Whether one kind is likely the other, mistyped. */
export function isMistyped(kind: string, of: string): boolean {
  return kind !== of && suggest(kind, [of]) !== undefined;
}

function asObject(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}
