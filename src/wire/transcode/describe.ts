import { clip } from "../issue.ts";

/** What a value is, for a sentence about what it should have been. */
export function describe(value: unknown): string {
  switch (typeof value) {
    case "string":
      return `the text ${clip(value)}`;
    case "number":
    case "boolean":
      return String(value);
    case "object":
      if (value === null) return "null";
      if (Array.isArray(value)) return "a list";
      return value instanceof Date ? "a date" : "an object";
    case "undefined":
      return "nothing";
    case "bigint":
    case "symbol":
    case "function":
      return `a ${typeof value}`;
  }
}

/** A plain object, as parsers of JSON and YAML make them; its keys and values may still be anything. */
export function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
