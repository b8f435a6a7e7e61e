import type { CommandOutline } from "../command/command.ts";
import { watchOptions } from "./options.ts";

/** All of `galley watch`, a client in the terminal, but what it does. */
export const watchOutline: CommandOutline<typeof watchOptions> = {
  name: "watch",
  summary: "Show what a server sends, and every change as it happens.",
  description: [
    "Connects to a server as a sink of MCP does or, with --xds, a client of xDS such as an istiod of today. It shows what comes, and stays to show changes, marked as added, updated or deleted. It reconnects by itself.",
    "A collection may be named in full, by the end of its name (gateways), by its kind (VirtualService, or vs as kubectl has it), or by a prefix that ends in a slash (istio/networking/). Without a name it is everything.",
    "Over xDS these words mean kinds, and a type URL (networking.istio.io/v1/VirtualService) is asked for as it is. Without a name it is all that an istiod of today asks for. What does not decode is refused, and shown.",
  ],
  examples: [
    { line: "galley watch", doc: "everything that the server on this machine serves" },
    { line: "galley watch gateways virtualservices", doc: "two collections" },
    { line: "galley watch serviceentries --once -o yaml", doc: "print one collection and end" },
    { line: "galley watch --server=galley.example:9901 -o stats", doc: "counts, kept current" },
    { line: "galley watch --xds", doc: "what an istiod of today is sent" },
    { line: "galley watch --xds --delta VirtualService", doc: "one kind, only what changed after a reconnect" },
    {
      line: "galley watch --xds --as-istiod --server=istiod.istio-system:15010",
      doc: "what another istiod would be sent",
    },
    {
      line: "galley watch --ca-cert-file=root-cert.pem --tls-cert-file=sink.pem --tls-key-file=sink-key.pem",
      doc: "over TLS, with a certificate",
    },
  ],
  options: watchOptions,
  positionals: [{ name: "COLLECTION", doc: "a collection or kind to watch", required: false, many: true }],
  layers: "flags",
};
