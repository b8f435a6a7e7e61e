import { escapeControls, shorten } from "../terminal/escape.ts";
import type { OptionSpec } from "./option.ts";

/** Where a value came from. */
export type Origin =
  | { readonly kind: "default" }
  | { readonly kind: "file"; readonly file: string; readonly line: number; readonly key: string }
  | { readonly kind: "environment"; readonly name: string }
  | { readonly kind: "flag"; readonly flag: string };

/** A value as somebody gave it, unread. `texts` has one entry for each time it was given, at least one. */
export interface Given {
  readonly origin: Origin;
  readonly texts: readonly string[];
}

/** What was given, by the key of the option. */
export type GivenByKey = ReadonlyMap<string, Given>;

/** For people: `flag --insecure`, `galley.yaml:3`, `default`. */
export function formatOrigin(origin: Origin): string {
  switch (origin.kind) {
    case "default":
      return "default";
    case "file":
      return `${origin.file}:${origin.line}`;
    case "environment":
      return `environment ${origin.name}`;
    case "flag":
      return `flag ${origin.flag}`;
  }
}

const longestShown = 120;

/** The value where it stands, for a message: `--domain=x`, `GALLEY_DOMAIN=x`, `galley.yaml:3: domain: x`. */
export function quoteGiven({ origin, texts }: Given, spec: OptionSpec): string {
  const value = spec.secret === true ? "(secret)" : shorten(escapeControls(texts.join(",")), longestShown);
  switch (origin.kind) {
    case "default":
      return value;
    case "file":
      return `${formatOrigin(origin)}: ${escapeControls(origin.key)}: ${value}`;
    case "environment":
      return `${origin.name}=${value}`;
    case "flag":
      return `${origin.flag}=${value}`;
  }
}
