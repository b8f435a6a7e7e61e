import type { Command } from "../command/command.ts";
import { readBuildInfo } from "./build-info.ts";

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
  async run({ settings: { values }, io }) {
    const info = readBuildInfo();
    const { formatBuild } = await import("./format.ts");
    io.stdout.write(values.short ? `${info.version}\n` : formatBuild(info, values.output));
    return 0;
  },
};
