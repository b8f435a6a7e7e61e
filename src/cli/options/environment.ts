import { environmentName, type OptionSpec, type OptionTable } from "./option.ts";
import type { Given, GivenByKey } from "./origin.ts";
import { suggest } from "../../lib/suggest.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

/** What the environment sets, and what is odd about it. A variable that is set but empty counts as not set. */
export interface EnvironmentLayer {
  readonly given: GivenByKey;
  readonly notices: readonly string[];
}

/** Reads the `GALLEY_*` variables of a table. */
export function readEnvironment(table: OptionTable, env: Environment): EnvironmentLayer {
  const given = new Map<string, Given>();
  const notices: string[] = [];
  const known = new Set<string>();
  for (const [key, spec] of Object.entries(table)) {
    const name = environmentName(spec);
    if (name === undefined) continue;
    known.add(name);
    const text = env[name];
    if (text === undefined || text === "") continue;
    if (isServiceLink(spec, text)) {
      notices.push(`${name}=${text} is left out: it looks like a variable that Kubernetes sets for a Service`);
      continue;
    }
    given.set(key, { origin: { kind: "environment", name }, texts: [text] });
  }
  return { given, notices: [...notices, ...misspelled(env, known)] };
}

/**
 * Kubernetes gives each container `<SERVICE>_PORT=tcp://…` for every Service of its namespace, so a Service called
 * `galley-monitoring` would otherwise set `GALLEY_MONITORING_PORT`.
 */
function isServiceLink(spec: OptionSpec, text: string): boolean {
  return spec.kind === "port" && /^(?:tcp|udp|sctp):\/\/[^\s/]+:\d+$/u.test(text);
}

function misspelled(env: Environment, known: ReadonlySet<string>): readonly string[] {
  const notices: string[] = [];
  for (const name of Object.keys(env)) {
    if (!/^GALLEY_[A-Z_]+$/u.test(name) || known.has(name)) continue;
    const near = suggest(
      name.slice("GALLEY_".length),
      [...known].map((one) => one.slice("GALLEY_".length)),
    );
    if (near !== undefined) notices.push(`environment variable ${name} sets nothing; did you mean GALLEY_${near}?`);
  }
  return notices;
}
