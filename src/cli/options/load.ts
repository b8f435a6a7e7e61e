import { GalleyError } from "../../lib/errors.ts";
import { type Environment, readEnvironment } from "./environment.ts";
import type { OptionTable } from "./option.ts";
import type { GivenByKey } from "./origin.ts";
import { type Resolved, resolveSettings } from "./resolve.ts";

/** Settings of a command line, the environment and the config file that either names; in that order of precedence. */
export async function loadSettings<Table extends OptionTable>(
  table: Table,
  flags: GivenByKey,
  env: Environment,
): Promise<Resolved<Table>> {
  const environment = readEnvironment(table, env);
  const path = (flags.get("config") ?? environment.given.get("config"))?.texts.at(-1) ?? "";
  const layers = [flags, environment.given];
  if (path === "") return withNotices(resolveSettings(table, layers), environment.notices);
  try {
    // The YAML parser for it is large, and most start without a file.
    const { readConfigFile } = await import("./file.ts");
    const file = await readConfigFile(table, path);
    const resolved = resolveSettings(table, [...layers, file.given]);
    if (file.problems.length === 0) return withNotices(resolved, [...environment.notices, ...file.notices]);
    return { ok: false, problems: [...file.problems, ...(resolved.ok ? [] : resolved.problems)] };
  } catch (error) {
    if (GalleyError.is(error)) return { ok: false, problems: [error] };
    throw error;
  }
}

function withNotices<Table extends OptionTable>(
  resolved: Resolved<Table>,
  notices: readonly string[],
): Resolved<Table> {
  return resolved.ok ? { ...resolved, notices: [...notices, ...resolved.notices] } : resolved;
}
