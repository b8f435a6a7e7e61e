import type { Command } from "../command/command.ts";
import { adminOption } from "../status/address.ts";

const outputOption = {
  name: "output",
  short: "o",
  kind: "choice",
  choices: ["", "table", "yaml", "json", "name"],
  metavar: "table|yaml|json|name",
  default: "",
  group: "Output",
  doc: "table: names and versions; yaml: documents; json: one object a line; name: names alone. A table, unless one resource is named.",
} as const;

const namespaceOption = {
  name: "namespace",
  short: "n",
  kind: "text",
  default: "",
  metavar: "NAMESPACE",
  group: "Selection",
  doc: "Only resources in this namespace.",
} as const;

/** Flags of `galley get`. */
export const getOptions: {
  readonly admin: typeof adminOption;
  readonly namespace: typeof namespaceOption;
  readonly output: typeof outputOption;
} = {
  admin: adminOption,
  namespace: namespaceOption,
  output: outputOption,
};

/** `galley get`. */
export const getCommand: Command<typeof getOptions> = {
  name: "get",
  summary: "Show what a running server holds",
  description: [
    "Asks the introspection port of a server for the resources of a collection, or for one of them: as sinks are sent it, decoded, with the place in the files that it comes from.",
    "A collection may be named as for galley watch: in full, by the end of its name (gateways), by its kind (VirtualService, or vs as kubectl has it), or by a prefix that ends in a slash (istio/networking/). A resource is named NAMESPACE/NAME, or NAME alone where that is clear.",
  ],
  examples: [
    { line: "galley get virtualservices", doc: "List the resources of a collection." },
    { line: "galley get vs -n shop", doc: "List those of one namespace." },
    { line: "galley get gateways shop/web", doc: "Print one as YAML, with the file and the line that it comes from." },
    { line: "galley get serviceentries -o json", doc: "Print all of them for a program, one a line." },
  ],
  options: getOptions,
  positionals: [
    { name: "COLLECTION", doc: "The collection, or the beginning of several.", required: true },
    { name: "NAME", doc: "One resource in it.", required: false },
  ],
  layers: "flags",
  // What it stands on is loaded when it runs.
  run: async (context) => (await import("./run.ts")).runGet(context),
};
