import type { ServerValues } from "../options/table.ts";
import { isLoopback } from "../options/address.ts";
import type { Colours } from "../terminal/colours.ts";
import { readBuildInfo } from "../version/build-info.ts";
import type { Running } from "./serve.ts";
import { watchHint } from "./watch-hint.ts";

/** What a person sees once the server is up: what is served, where, and how to look at it. */
export function banner(
  { address, xds, monitoringUrl, introspectionUrl, hub, pipeline, certificate }: Running,
  values: ServerValues,
  paint: Colours,
): string {
  const { configPath, serverAddress, insecure } = values;
  let resources = 0;
  let collections = 0;
  for (const table of hub.snapshots.get("default")?.values() ?? []) {
    resources += table.size;
    if (table.size > 0) collections++;
  }
  const { error, warning } = pipeline.problems.counts();
  const wrong = [count(error, "error"), count(warning, "warning")].filter((text) => text !== "").join(", ");
  const security = insecure ? "plaintext" : "TLS";
  const whom = insecure ? "anyone who can connect" : "sinks with a certificate";
  const reach = isLoopback(serverAddress) ? "this machine only" : whom;
  const admin = introspectionUrl.replace("http://", "");
  const status = admin === "127.0.0.1:9876" ? "npx galley status" : `npx galley status --admin=${admin}`;
  const lines = [
    paint.bold(
      `galley ${readBuildInfo().version} serves ${resources} resources in ${collections} collections from ${configPath}`,
    ),
    `  MCP            ${address} (${security}, ${reach})`,
    `  look at it     ${paint.cyan(watchHint(address, values, certificate))}`,
    ...(xds === undefined
      ? []
      : [`  xDS            ${xds.address} (${xds.isSecure ? "TLS" : "plaintext"}, ${whoOverXds(values)})`]),
    `  how it is      ${paint.cyan(status)}`,
    `  metrics        ${monitoringUrl}/metrics`,
    `  problems       ${introspectionUrl}/api/v1/problems${wrong === "" ? " (none)" : ` (${paint.yellow(wrong)})`}`,
    "Ctrl-C stops it.",
  ];
  return `${lines.join("\n")}\n`;
}

function whoOverXds({ xdsAllow }: ServerValues): string {
  return xdsAllow.length === 0 ? "this machine only" : `anyone in ${xdsAllow.join(", ")}`;
}

function count(number: number, what: string): string {
  return number === 0 ? "" : `${number} ${what}${number === 1 ? "" : "s"}`;
}
