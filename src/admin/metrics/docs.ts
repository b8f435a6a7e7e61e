import { buckets } from "./buckets.ts";
import { catalogue, DEFAULT_LABEL_SETS } from "./catalogue.ts";
import type { MetricSpec } from "./catalogue.ts";

/** The reference page of the metrics, in Markdown: all of `docs/metrics.md`. */
export function renderMetricsPage(): string {
  return `${[intro, table(Object.values(catalogue)), labels, bucketList(), budget, others].join("\n\n")}\n`;
}

const intro = `# Metrics

Galley serves its metrics in the text format of Prometheus at \`/metrics\` of the monitoring port (\`--monitoring-port\`,
15014). This page is written from the catalogue in \`src/admin/metrics\`; a test keeps it current.

The names \`istio_*\` and \`galley_runtime_*\` are those of Galley 1.3.6. What differs from it:

- \`connectionID\` is no label any more, and \`istio_mcp_message_sizes_bytes\` has no label \`collection\`. A series for each
  connection made the page of 1.3.6 grow to many megabytes.
- \`error\` is the name of the gRPC code, never the text of an error.
- A metric that is named after a collection has one series for the collection, not one for each resource. Its \`sum()\` is
  what it was.
- A metric without labels is there from the start, with the value 0.`;

const labels = `## Labels

| label | values |
|---|---|
| \`collection\` | a collection that Galley knows, such as \`istio/networking/v1alpha3/gateways\`; else \`unknown\` |
| \`code\` | the name that Go gives a gRPC code, such as \`InvalidArgument\`; of \`istio_mcp_*_failures_total\` its number; else \`other\` |
| \`error\` | the name that Go gives a gRPC code; else \`other\` |
| \`component\` | always \`galley\` |
| \`tag\` | the version that runs |
| \`severity\` | \`error\`, \`warning\`, \`info\` |
| \`source\` | the name of a source |
| \`protocol\` | \`mcp\`, \`xds\` |
| \`verdict\` | what a request was taken for: \`subscribed\`, \`resubscribed\`, \`adjusted\`, \`acked\`, \`nacked\`, \`stale\` |
| \`fate\` | \`sent\`, \`superseded\`, \`failed\` |
| \`kind\` | \`full\`, \`delta\` |
| \`quantile\` | \`0.5\`, \`0.99\`, \`1\` |
| \`reason\` of streams | \`plaintext\`, \`unverified\` (no certificate that counts), \`not-allowed\`, \`blocked\` (the access list), \`network\` (\`--xds-allow\`), \`crowded\` (too many wait) |
| \`reason\` of refused connections | \`connections\`, \`handshakes\` (there are too many), \`certificate\` (the sink's was turned down, or it had none), \`handshake\` (TLS failed), \`http1\`, \`tls\`, \`unknown\`, \`silent\` (what came first is no HTTP/2) |
| \`reason\` of broken connections | \`resets\`, \`pings\`, \`settings\`, \`requests\` (too many of them), \`empty\` (too many frames that carry nothing), \`keepalive\` (no answer) |
| \`how\` | \`full\`, \`resumed\` |
| \`what\` | \`credentials\`, \`access-list\`, \`xds-credentials\` |
| \`result\` | \`ok\`, \`failed\` |
| \`certificate\` | \`server\`, \`xds\` |`;

const budget = `## How many series there are

The number of series depends neither on how many sinks are connected nor on how many resources there are. Each metric keeps
at most so many label sets (last column of the table); whatever comes after that is counted in one more, with every label
\`other\`. A histogram has a series for each bucket and three more for each label set.`;

const others = `## Metrics beside the table

- \`galley_<collection>{version}\`: how many resources a collection has, one metric for each collection that has or had some.
  The name is the collection without its version, which is the label: \`istio/networking/v1alpha3/gateways\` is counted in
  \`galley_istio_networking_gateways{version="v1alpha3"}\`.
- \`process_*\` and \`nodejs_*\`: processor time, memory, file descriptors, garbage collection, under their customary names.`;

function table(specs: readonly MetricSpec[]): string {
  const rows = specs.map((spec) => {
    const names = [...Object.keys(spec.fixed ?? {}), ...spec.labels].map((label) => `\`${label}\``).join(", ");
    const sets = spec.labels.length === 0 ? 1 : (spec.labelSets ?? DEFAULT_LABEL_SETS);
    const shape = spec.buckets === undefined ? "" : ` (${spec.buckets})`;
    return `| \`${spec.name}\` | ${spec.type}${shape} | ${names || "–"} | ${spec.help} | ${sets} |`;
  });
  return ["## Catalogue", "", "| name | type | labels | meaning | label sets |", "|---|---|---|---|--:|", ...rows].join(
    "\n",
  );
}

function bucketList(): string {
  const rows = Object.entries(buckets).map(([name, bounds]) => `- ${name}: ${bounds.join(", ")}`);
  return ["## Upper bounds of the histograms", "", ...rows].join("\n");
}
