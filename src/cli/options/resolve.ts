import { GalleyError } from "../../lib/errors.ts";
import { decode, defaultValue, encode } from "./codec.ts";
import { flagName, missingFeature, type OptionSpec, type OptionTable, type ValuesOf } from "./option.ts";
import { type Given, type GivenByKey, type Origin, quoteGiven } from "./origin.ts";
import { Settings } from "./settings.ts";

/** Settings with what a person should know about them, or everything that is wrong with them. */
export type Resolved<Table extends OptionTable> =
  | { readonly ok: true; readonly settings: Settings<Table>; readonly notices: readonly string[] }
  | { readonly ok: false; readonly problems: readonly GalleyError[] };

/** Takes each value from the first layer that gives it, else the default. All problems are reported together. */
export function resolveSettings<Table extends OptionTable>(
  table: Table,
  layers: readonly GivenByKey[],
): Resolved<Table> {
  const values: Record<string, unknown> = {};
  const origins = new Map<keyof Table, Origin>();
  const problems: GalleyError[] = [];
  const notices: string[] = [];

  for (const [key, spec] of Object.entries(table)) {
    const given = layers.find((layer) => layer.has(key))?.get(key);
    if (given === undefined) {
      values[key] = defaultValue(spec);
      continue;
    }
    const decoded = decode(spec, given.texts);
    if (!decoded.ok) {
      problems.push(unreadable(given, spec, decoded.reason));
      continue;
    }
    if (isRefused(spec, decoded.value)) problems.push(notBuilt(given, spec));
    if (spec.status !== undefined && "ignored" in spec.status) {
      notices.push(`${quoteGiven(given, spec)} has no effect: ${spec.status.ignored}`);
    }
    values[key] = decoded.value;
    origins.set(key, given.origin);
  }
  if (problems.length > 0) return { ok: false, problems };
  return { ok: true, settings: new Settings(table, values as ValuesOf<Table>, origins), notices };
}

function isRefused(spec: OptionSpec, value: unknown): boolean {
  return missingFeature(spec) !== undefined && encode(spec, value) !== encode(spec, defaultValue(spec));
}

function unreadable(given: Given, spec: OptionSpec, reason: string): GalleyError {
  const code = given.origin.kind === "file" ? "GLY_CONFIG_FILE_VALUE" : "GLY_VALUE";
  return new GalleyError(code, `${quoteGiven(given, spec)}: ${reason}`, { hint: `${flagName(spec)}: ${spec.doc}` });
}

function notBuilt(given: Given, spec: OptionSpec): GalleyError {
  return new GalleyError(
    "GLY_NOT_BUILT",
    `${quoteGiven(given, spec)} needs ${missingFeature(spec)}, which this release doesn't have`,
    { hint: spec.default === "" ? "remove it" : `remove it, or set it to ${spec.default}` },
  );
}
