import type { CommandWords, FlagWords, Takes } from "./model.ts";

/** A completion script for fish. */
export function fishCompletion(commands: readonly CommandWords[]): string {
  const names = commands.map(({ name }) => name).join(" ");
  const lines = commands.flatMap((command) => [
    `complete -c galley -n 'not __fish_seen_subcommand_from ${names}' -a ${command.name} -d ${quote(command.summary)}`,
    ...command.flags.map((flag) => flagLine(command.name, flag)),
    ...(command.words.length === 0 ? [] : [`${condition(command.name)} -a ${quote(command.words.join(" "))}`]),
  ]);
  return `# fish completion for galley: save it as ~/.config/fish/completions/galley.fish\ncomplete -c galley -f\n${lines.join("\n")}\n`;
}

function flagLine(command: string, { long, short, doc, takes }: FlagWords): string {
  const shortPart = short === undefined ? "" : ` -s ${short}`;
  return `${condition(command)} -l ${long}${shortPart}${valuePart(takes)} -d ${quote(doc)}`;
}

function condition(command: string): string {
  return `complete -c galley -n '__fish_seen_subcommand_from ${command}'`;
}

function valuePart(takes: Takes): string {
  switch (takes.kind) {
    case "nothing":
      return "";
    case "file":
      return " -r -F";
    case "folder":
      return " -x -a '(__fish_complete_directories)'";
    case "words":
      return ` -x -a ${quote(takes.words.join(" "))}`;
    case "anything":
      return " -x";
  }
}

function quote(text: string): string {
  return `'${text.replaceAll(/['\\]/gu, (character) => `\\${character}`)}'`;
}
