import { exitStatus } from "../errors/print.ts";
import { groupOptions } from "./groups.ts";
import { environmentName, missingFeature, type OptionSpec } from "./option.ts";
import { serverOptions } from "./table.ts";
import { commonOptions } from "./table/common.ts";

/** The reference of the flags of `galley server`, `docs/flags.md`. */
export function flagsMarkdown(): string {
  const specs: readonly OptionSpec[] = Object.values({ ...serverOptions, ...commonOptions });
  const sections = [...groupOptions(specs)].map(
    ([heading, members]) => `## ${heading}\n\n${workingHead}\n${members.map(workingRow).join("\n")}`,
  );
  const missing = specs.filter((spec) => missingFeature(spec) !== undefined).map(missingRow);
  return `${[preamble, ...sections, `${missingHead}\n${missing.join("\n")}`, differences].join("\n\n")}\n`;
}

const workingHead = `| flag | in 1.3.6, if another | default | environment | key in the config file | meaning |
| --- | --- | --- | --- | --- | --- |`;

function workingRow(spec: OptionSpec): string {
  const short = spec.short === undefined ? "" : `, \`-${spec.short}\``;
  const aliases = spec.from === undefined ? [spec.name, ...(spec.aliases ?? [])] : [];
  const cells = [
    `\`--${spec.name}\`${short}`,
    code(spec.formerName === undefined ? "" : `--${spec.formerName}`),
    code(spec.default),
    code(environmentName(spec) ?? ""),
    aliases.map(code).join(" "),
    spec.doc,
  ];
  return row(cells);
}

function missingRow(spec: OptionSpec): string {
  return row([code(`--${spec.formerName ?? spec.name}`), code(spec.default), missingFeature(spec) ?? "", spec.doc]);
}

function row(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
}

function code(text: string): string {
  return text === "" ? "" : `\`${text}\``;
}

const preamble = `# Flags of galley server

<!-- Made from src/cli/options/table.ts; \`npx vitest run src/cli/options -u\` writes it anew. -->

A setting is taken from the first of these that has it: its flag, its environment variable, the file given with
\`--config\`, its default. An environment variable that is set but empty counts as not set.

A flag is written \`--flag=value\` or \`--flag value\`; a switch is \`--switch\` or \`--switch=false\`. Every flag of Galley
1.3.6 is taken under its name of then, and every one also has a name in kebab-case, which this page puts first.
Lists are separated by commas; a flag that takes one may be repeated, and its items add up. Durations are written as in
Go: \`500ms\`, \`2s\`, \`1h30m\`. Sizes are in bytes, or in \`KiB\`, \`MiB\` or \`GiB\`.

The config file is YAML or JSON (\`.yaml\`, \`.yml\`, \`.json\`), at most 64 KiB. A key may be any name of a flag, or one of
the dotted keys below, nested or in one piece; upper and lower case are alike. A key that no setting has is warned of. A
value that can't be read stops the start.

\`galley server\` ends with status ${exitStatus.ok} when it is told to stop, ${exitStatus.usage} if a flag or an environment variable can't be understood or
asks for what isn't built, and ${exitStatus.failed} if the start fails for any other reason. Told to stop once more after a second, it ends by
that signal ([operations.md](operations.md#stop)).`;

const missingHead = `## Not in this release

These flags of 1.3.6 need a feature that isn't built yet. They are taken with their default; any other value, wherever
it comes from, stops the start with [\`GLY_NOT_BUILT\`](errors.md).

| flag | default | needs | meaning |
| --- | --- | --- | --- |`;

const differences = `## What differs from Galley 1.3.6

| 1.3.6 | here | why |
| --- | --- | --- |
| \`--server-address\` is \`tcp://0.0.0.0:9901\` | \`tcp://127.0.0.1:9901\` | Plaintext leaves the machine only if somebody says so. |
| the monitoring port is bound to every interface | \`--monitoring-address\`, by default \`127.0.0.1\` | The same. Set it to \`*\` where Prometheus or a probe comes from elsewhere. |
| \`--enable-validation\` and \`--enable-reconcileWebhookConfiguration\` are on | off | There is no webhook yet. An explicit \`true\` is refused, so that nobody counts on it. |
| without \`--configPath\` Kubernetes is read | the start fails | Kubernetes isn't read yet. |
| flags only | and environment variables | |
| a value of the config file that can't be read is dropped | the start fails | A setting that is silently lost is worse than a server that doesn't start. |
| log settings in the config file are dropped | they work | |
| toml, hcl and properties files | YAML and JSON | |
| flags that take lists apply them twice | once | |
| the level of scope \`default\` is that of one scope | every scope that isn't named follows it | |
| the log is text | JSON, except on a terminal; \`--log-as-json=false\` gives text | Collectors read it without rules of their own. |
| \`--log_rotate_max_size\` is 104857600 | 100 | It is in megabytes. |
| an unknown command prints the help and succeeds | it fails with status ${exitStatus.usage} | A typo must not look like success. |`;
