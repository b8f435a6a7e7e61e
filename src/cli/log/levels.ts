import { suggest } from "../../lib/suggest.ts";
import { scopeNames } from "./scopes.ts";

/** From which level on records are written. Nothing is logged at `fatal`, so it silences a scope just as `none` does. */
export type LogThreshold = "debug" | "info" | "warn" | "error" | "fatal" | "none";

export const logThresholds: readonly LogThreshold[] = ["debug", "info", "warn", "error", "fatal", "none"];

/** A threshold for each scope that has one of its own; every other scope follows `default`. */
export type LevelRules = ReadonlyMap<string, LogThreshold>;

export type ParsedLevels =
  | { readonly ok: true; readonly value: LevelRules }
  | { readonly ok: false; readonly reason: string };

const mostRules = 100;

/**
 * Reads `scope:level,…`. A bare `level` is meant for `default`. The scope `all` overrides everything before it and ends
 * the list, as in Galley 1.3.6; other than there, `default` is what every unnamed scope follows.
 */
export function parseLevels(text: string): ParsedLevels {
  const rules = new Map<string, LogThreshold>();
  const items = text.split(",", mostRules + 1);
  if (items.length > mostRules) return refuse(`expected at most ${mostRules} levels`);
  for (const item of items) {
    const [scope, level, ...more] = item.includes(":") ? item.split(":") : ["default", item];
    if (scope === undefined || level === undefined || more.length > 0) {
      return refuse(`expected scope:level, found ${JSON.stringify(item)}`);
    }
    const threshold = logThresholds.find((known) => known === level);
    if (threshold === undefined) {
      return refuse(`unknown level ${JSON.stringify(level)}; expected one of ${logThresholds.join(", ")}`);
    }
    if (scope === "all") return { ok: true, value: new Map([["default", threshold]]) };
    if (!scopeNames.includes(scope)) return refuse(unknownScope(scope));
    rules.set(scope, threshold);
  }
  return { ok: true, value: rules };
}

/** The rules as `parseLevels` reads them. */
export function formatLevels(rules: LevelRules): string {
  return [...rules].map(([scope, level]) => `${scope}:${level}`).join(",");
}

function unknownScope(scope: string): string {
  const near = suggest(scope, scopeNames);
  return `unknown scope ${JSON.stringify(scope)}; ${near === undefined ? `expected one of ${scopeNames.join(", ")}` : `did you mean ${near}?`}`;
}

function refuse(reason: string): ParsedLevels {
  return { ok: false, reason };
}
