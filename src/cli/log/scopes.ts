/** The scopes that Galley logs under, with what is found there. */
export const scopes = {
  default: "everything without a scope of its own",
  mcp: "conversations with sinks",
  server: "starting and stopping",
  settings: "what is odd about the settings",
  source: "reading configuration",
  xds: "conversations with clients over xDS",
} as const;

/** Scopes of Galley 1.3.6 under which nothing is logged; their names are accepted so that its scripts keep working. */
const formerScopes = [
  "analysis",
  "attributes",
  "conversions",
  "grpcAdapter",
  "kube",
  "kube-converter",
  "meshconfig",
  "model",
  "processing",
  "rbac",
  "resource",
  "runtime",
  "validation",
] as const;

/** Every scope name that a level may be set for. */
export const scopeNames: readonly string[] = [...Object.keys(scopes), ...formerScopes];
