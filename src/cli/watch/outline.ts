import type { CommandOutline } from "../command/command.ts";
import { watchOptions } from "./options.ts";

/** All of `galley watch`, a sink in the terminal, but what it does. */
export const watchOutline: CommandOutline<typeof watchOptions> = {
  name: "watch",
  summary: "Show what a server sends, and every change as it happens.",
  description: [
    "Connects to an MCP source as a sink, shows what it sends, and stays to show changes, marked as added, updated or deleted. It reconnects by itself.",
    "A collection may be named in full, by the end of its name (gateways), by its kind (VirtualService), or by a prefix that ends in a slash (istio/networking/). Without a name it is everything.",
  ],
  examples: [
    { line: "galley watch", doc: "everything that the server on this machine serves" },
    { line: "galley watch gateways virtualservices", doc: "two collections" },
    { line: "galley watch serviceentries --once -o yaml", doc: "print one collection and end" },
    { line: "galley watch --server=galley.example:9901 -o stats", doc: "counts, kept current" },
    {
      line: "galley watch --ca-cert-file=root-cert.pem --tls-cert-file=sink.pem --tls-key-file=sink-key.pem",
      doc: "over TLS, with a certificate",
    },
  ],
  options: watchOptions,
  positionals: [{ name: "COLLECTION", doc: "a collection to watch", required: false, many: true }],
  layers: "flags",
};
