import { stringify } from "yaml";
import { table } from "../terminal/table.ts";
import type { BuildInfo } from "./build-info.ts";

/** The build for people, or as YAML or JSON with the keys of Galley 1.3.6. */
export function formatBuild(info: BuildInfo, output: "" | "yaml" | "json"): string {
  if (output === "json") return `${JSON.stringify({ clientVersion: info }, null, 2)}\n`;
  if (output === "yaml") return stringify({ clientVersion: info });
  const facts = [
    ["revision", info.revision],
    ["status", info.status],
    ["tag", info.tag],
  ].filter(([, value]) => value !== "unknown");
  const rows = [...facts, ["node", process.version], ["platform", `${process.platform} ${process.arch}`]];
  return `galley ${info.version}\n${table(rows.map(([name = "", value = ""]) => [`  ${name}`, value]))}\n`;
}
