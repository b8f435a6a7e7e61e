import type { CommandWords, FlagWords, Takes } from "./model.ts";

/** A completion script for zsh: a file `_galley` in a folder of `fpath`. */
export function zshCompletion(commands: readonly CommandWords[]): string {
  return `#compdef galley
# zsh completion for galley: save it as _galley in a folder of $fpath.
_galley() {
  local context state line
  local -a commands
  commands=(
${commands.map(({ name, summary }) => `    ${quote(`${name}:${summary}`)}`).join("\n")}
  )
  _arguments -C '1:command:->command' '*::argument:->arguments'
  case $state in
    command) _describe 'command' commands ;;
    arguments)
      case $line[1] in
${commands.map(commandCase).join("\n")}
      esac ;;
  esac
}
if [[ $funcstack[1] == _galley ]]; then
  _galley "$@"
else
  compdef _galley galley
fi
`;
}

function commandCase({ name, flags, words }: CommandWords): string {
  const positional = words.length === 0 ? [] : [quote(`1:argument:(${words.join(" ")})`)];
  const specs = [...flags.flatMap(flagSpecs), ...positional].map((spec) => `          ${spec}`);
  return `        ${name}) _arguments \\\n${specs.join(" \\\n")} ;;`;
}

function flagSpecs({ long, short, doc, takes }: FlagWords): readonly string[] {
  const label = `[${doc.replaceAll(/[[\]\\]/gu, (character) => `\\${character}`)}]`;
  const value = valueSpec(takes);
  const longSpec = quote(`--${long}${value === "" ? "" : "="}${label}${value}`);
  return short === undefined ? [longSpec] : [longSpec, quote(`-${short}${label}${value}`)];
}

function valueSpec(takes: Takes): string {
  switch (takes.kind) {
    case "nothing":
      return "";
    case "file":
      return ":file:_files";
    case "folder":
      return ":folder:_files -/";
    case "words":
      return `:value:(${takes.words.join(" ")})`;
    case "anything":
      return ":value: ";
  }
}

function quote(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
