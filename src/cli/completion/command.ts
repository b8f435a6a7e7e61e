import type { Command } from "../command/command.ts";
import { bashCompletion } from "./bash.ts";
import { fishCompletion } from "./fish.ts";
import { type CommandWords, completionModel } from "./model.ts";
import { zshCompletion } from "./zsh.ts";

const shells: Readonly<Record<string, (commands: readonly CommandWords[]) => string>> = {
  bash: bashCompletion,
  zsh: zshCompletion,
  fish: fishCompletion,
};

/** `galley completion SHELL`: prints a script that teaches a shell the commands and flags. */
export const completionCommand: Command = {
  name: "completion",
  summary: "Print a script that completes commands and flags in a shell",
  description: [],
  examples: [
    { line: "source <(galley completion bash)", doc: "Complete in this shell." },
    { line: "galley completion fish > ~/.config/fish/completions/galley.fish", doc: "Complete in every fish." },
    { line: 'galley completion zsh > "${fpath[1]}/_galley"', doc: "Complete in every zsh." },
  ],
  options: {},
  positionals: [{ name: "SHELL", doc: "bash, zsh or fish.", required: true, choices: Object.keys(shells) }],
  layers: "flags",
  run({ positionals: [shell = ""], commands, io }) {
    io.stdout.write(shells[shell]!(completionModel(commands)));
    return Promise.resolve(0);
  },
};
