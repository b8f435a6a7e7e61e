import type { CommandWords, FlagWords } from "./model.ts";

/** A completion script for bash 3.2 and later. */
export function bashCompletion(commands: readonly CommandWords[]): string {
  return `# bash completion for galley: source it, or put it where bash looks for completions.
_galley() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}" command="" word
  # bash makes three words of --flag=value.
  if [[ $current == "=" ]]; then
    current=""
  elif [[ $previous == "=" ]]; then
    previous="\${COMP_WORDS[COMP_CWORD-2]}"
  fi
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case $word in
      ${commands.map(({ name }) => name).join("|")}) command=$word; break ;;
    esac
  done
  local IFS=$'\\n'
  case $command:$previous in
${commands.flatMap(valueCases).join("\n")}
  esac
  case $command in
    "") _galley_words "${commands.map(({ name }) => name).join(" ")} --help --version" ;;
${commands.map((command) => `    ${command.name}) _galley_words "${wordsOf(command)}" ;;`).join("\n")}
  esac
}
_galley_words() {
  local IFS=$' \\n'
  COMPREPLY=($(compgen -W "$1" -- "$current"))
}
complete -F _galley galley
`;
}

function wordsOf({ flags, words }: CommandWords): string {
  return [...words, ...flags.map(({ long }) => `--${long}`)].join(" ");
}

function valueCases({ name, flags }: CommandWords): readonly string[] {
  return flags.flatMap((flag) => {
    const action = valueAction(flag);
    if (action === undefined) return [];
    const patterns = [`--${flag.long}`, ...(flag.short === undefined ? [] : [`-${flag.short}`])];
    return [`    ${patterns.map((pattern) => `${name}:${pattern}`).join("|")}) ${action}; return ;;`];
  });
}

function valueAction({ takes }: FlagWords): string | undefined {
  switch (takes.kind) {
    case "nothing":
      return undefined;
    case "file":
      return 'COMPREPLY=($(compgen -f -- "$current"))';
    case "folder":
      return 'COMPREPLY=($(compgen -d -- "$current"))';
    case "words":
      return `_galley_words "${takes.words.join(" ")}"`;
    case "anything":
      return "COMPREPLY=()";
  }
}
