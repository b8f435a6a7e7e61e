import { adminOption } from "./address.ts";

const outputOptions = {
  output: {
    name: "output",
    short: "o",
    kind: "choice",
    choices: ["table", "json", "yaml"],
    default: "table",
    group: "Output",
    doc: "table: for people; json and yaml: all that the server tells, without a limit.",
  },
  all: {
    name: "all",
    kind: "switch",
    default: "false",
    group: "Output",
    doc: "Leave nothing out of a table: every row, and empty collections too.",
  },
  watch: {
    name: "watch",
    short: "w",
    kind: "switch",
    default: "false",
    group: "Output",
    doc: "Show it anew every two seconds until interrupted; for tables on a terminal.",
  },
  check: {
    name: "check",
    kind: "switch",
    default: "false",
    group: "Output",
    doc: "End with status 1 if the server isn't ready, a source is degraded, or a problem is an error.",
  },
} as const;

/** Flags of `galley status`. */
export const statusOptions: { readonly admin: typeof adminOption } & typeof outputOptions = {
  admin: adminOption,
  ...outputOptions,
};

/** What `galley status` can show in full. */
export const statusWords = ["sources", "problems", "collections", "sinks", "called", "changes"] as const;

export type StatusWord = (typeof statusWords)[number];
