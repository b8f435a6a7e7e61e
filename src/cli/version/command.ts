import { stringify } from "yaml";
import type { Command } from "../command/command.ts";
import { table } from "../terminal/table.ts";
import { type BuildInfo, readBuildInfo } from "./build-info.ts";

const versionOptions = {
  short: {
    name: "short",
    short: "s",
    kind: "switch",
    default: "false",
    doc: "Print the version and nothing else.",
  },
  output: {
    name: "output",
    short: "o",
    kind: "choice",
    choices: ["", "yaml", "json"],
    metavar: "yaml|json",
    default: "",
    doc: "Print everything that is known of the build, for a program.",
  },
} as const;

/** `galley version`. */
export const versionCommand: Command<typeof versionOptions> = {
  name: "version",
  summary: "Print the version and what is known of the build",
  description: [],
  examples: [
    { line: "galley version", doc: "Print the version and the build." },
    { line: "galley version -o json", doc: "The same for a program, under the key clientVersion." },
  ],
  options: versionOptions,
  positionals: [],
  layers: "flags",
  run({ settings: { values }, io }) {
    const info = readBuildInfo();
    io.stdout.write(values.short ? `${info.version}\n` : formatBuild(info, values.output));
    return Promise.resolve(0);
  },
};

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
