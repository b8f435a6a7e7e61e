import { metavar } from "../options/codec.ts";
import { groupOptions } from "../options/groups.ts";
import { flagNames, missingFeature, type OptionSpec, type OptionTable } from "../options/option.ts";
import { commonOptions } from "../options/table/common.ts";
import type { Colours } from "../terminal/colours.ts";
import { wrap, wrapIndented } from "../terminal/wrap.ts";
import type { CommandOutline, Example } from "./command.ts";

/** How help is laid out: the width in cells, and colours if the terminal has them. */
export interface HelpStyle {
  readonly width: number;
  readonly paint: Colours;
}

const docColumn = 31;
/** Where there is no room for two columns, explanations stand below what they explain. */
const narrowColumn = 6;
const twoColumnsWidth = 64;

/** The help of one command: examples first, then its flags by task, and at the end what isn't built yet. */
export function commandHelp(command: CommandOutline, style: HelpStyle): string {
  const table: OptionTable = command.layers === "all" ? { ...command.options, ...commonOptions } : command.options;
  const specs = Object.values(table);
  const { paint, width } = style;
  const sections = [
    title(`galley ${command.name}`, command.summary, style),
    `${paint.bold("Usage")}\n  ${usageLine(command)}`,
    examplesSection(command.examples, style),
    command.description.map((paragraph) => wrap(paragraph, width).join("\n")).join("\n\n"),
    positionalsSection(command, style),
    ...flagSections(specs, style),
    wrap(command.layers === "all" ? layersNote : commonNote, width).join("\n"),
    notBuiltSection(specs, style),
  ];
  return `${sections.filter((section) => section !== "").join("\n\n")}\n`;
}

const layersNote =
  "A flag overrides its environment variable (--config-path is GALLEY_CONFIG_PATH), which overrides its key in the file " +
  "given with --config (config-path: …). Names in brackets are those of Galley 1.3.6, which mean the same.";

const commonNote =
  "The flags for the log that `galley help server` lists are taken too; the log goes to stderr unless --log-target " +
  "says otherwise.";

/** The first line of a help: a name and what it is. */
export function title(name: string, summary: string, { width, paint }: HelpStyle): string {
  return wrap(`${name}: ${summary}`, width).join("\n").replace(name, paint.bold(name));
}

/** Examples, each with its explanation below it. */
export function examplesSection(examples: readonly Example[], { paint, width }: HelpStyle): string {
  if (examples.length === 0) return "";
  const lines = examples.flatMap(({ line, doc }) => [`  ${paint.cyan(line)}`, ...wrapIndented(doc, width, 6)]);
  return [paint.bold("Examples"), ...lines].join("\n");
}

/** A term and its explanation beside it, or below it where the term is long. */
export function entry(term: string, doc: string, { width, paint }: HelpStyle, wideColumn: number = docColumn): string {
  const column = width < twoColumnsWidth ? narrowColumn : wideColumn;
  const lines = wrapIndented(doc, width, column);
  const label = `  ${term}`;
  if (label.length > column - 2) return [paint.cyan(label), ...lines].join("\n");
  const [first = "", ...rest] = lines;
  return [paint.cyan(label) + " ".repeat(column - label.length) + first.trimStart(), ...rest].join("\n").trimEnd();
}

function usageLine({ name, positionals }: CommandOutline): string {
  const words = positionals.map(({ name: word, required, many }) => {
    const repeated = many === true ? `${word}…` : word;
    return required ? repeated : `[${repeated}]`;
  });
  return ["galley", name, ...words, "[flags]"].join(" ");
}

function positionalsSection({ positionals }: CommandOutline, style: HelpStyle): string {
  if (positionals.length === 0) return "";
  const lines = positionals.map(({ name, doc }) => entry(name, doc, style));
  return [style.paint.bold("Arguments"), ...lines].join("\n");
}

function flagSections(specs: readonly OptionSpec[], style: HelpStyle): readonly string[] {
  return [...groupOptions(specs)].map(([heading, members]) => {
    const entries = members.map((spec) => entry(flagLabel(spec), flagDoc(spec), style));
    return [style.paint.bold(heading), ...entries].join("\n");
  });
}

function flagLabel(spec: OptionSpec): string {
  const short = spec.short === undefined ? "" : `-${spec.short}, `;
  const isSwitch = spec.kind === "switch" || spec.kind === "autoswitch";
  return `${short}--${spec.name}${isSwitch ? "" : ` ${metavar(spec)}`}`;
}

function flagDoc(spec: OptionSpec): string {
  const isPlain = spec.default === "" || (spec.kind === "switch" && spec.default === "false");
  const [, former] = flagNames(spec);
  return [spec.doc, isPlain ? "" : `(default ${spec.default})`, former === undefined ? "" : `[--${former}]`]
    .filter((part) => part !== "")
    .join(" ");
}

function notBuiltSection(specs: readonly OptionSpec[], { paint, width }: HelpStyle): string {
  const features = new Map<string, string[]>();
  for (const spec of specs) {
    const feature = missingFeature(spec);
    if (feature === undefined) continue;
    features.set(feature, [...(features.get(feature) ?? []), `--${spec.name}`]);
  }
  if (features.size === 0) return "";
  const lines = [...features].flatMap(([feature, names]) => [
    ...wrapIndented(`${feature}:`, width, 2),
    ...wrapIndented(names.join(" "), width, 6).map((line) => paint.dim(line)),
  ]);
  const heading = wrap("Not in this release (refused with any value but the default)", width);
  return [...heading.map((line) => paint.bold(line)), ...lines].join("\n");
}
