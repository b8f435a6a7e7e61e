
/** Flags of `galley watch`. */
export const watchOptions = {
  server: {
    name: "server",
    short: "s",
    kind: "text",
    default: "127.0.0.1:9901",
    metavar: "HOST:PORT",
    group: "Connection",
    doc: "The MCP source to watch, in plaintext.",
  },
  id: {
    name: "id",
    kind: "text",
    default: "galley-watch",
    group: "Connection",
    doc: "How this sink names itself to the source.",
  },
  annotations: {
    name: "annotations",
    kind: "list",
    default: "",
    metavar: "KEY=VALUE",
    group: "Connection",
    doc: "Annotations of the sink node.",
  },
  incremental: {
    name: "incremental",
    short: "i",
    kind: "switch",
    default: "false",
    group: "Connection",
    doc: "Ask for deltas, and resume with what is held after a reconnect.",
  },
  output: {
    name: "output",
    short: "o",
    kind: "choice",
    choices: ["table", "yaml", "json", "stats"],
    default: "table",
    group: "Output",
    doc: "table: a line a resource; yaml and json: with decoded bodies; stats: counts by collection.",
  },
  once: {
    name: "once",
    kind: "switch",
    default: "false",
    group: "Output",
    doc: "End when every collection has come once, instead of staying for changes.",
  },
  timeout: {
    name: "timeout",
    kind: "duration",
    default: "0s",
    group: "Output",
    doc: "Give up with status 1 if not every collection has come once by then; 0s waits for ever.",
  },
} as const;
