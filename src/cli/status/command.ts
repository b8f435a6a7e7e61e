import type { Command } from "../command/command.ts";
import { statusOptions, statusWords } from "./options.ts";

/** `galley status`. */
export const statusCommand: Command<typeof statusOptions> = {
  name: "status",
  summary: "Show how a running server is doing",
  description: [
    "Asks the introspection port of a server. Without a topic it shows the whole at a glance: whether the server is ready, where configuration comes from, what is wrong with it, what is served, and how many sinks have it.",
    "A topic shows one of these in full, worst first. Tables have at most 50 rows unless --all is given.",
  ],
  examples: [
    { line: "galley status", doc: "Show how the server on this machine is doing." },
    { line: "galley status sinks", doc: "Show which sinks are behind, which refused something, and why." },
    { line: "galley status problems --all", doc: "Show everything that is wrong with the configuration." },
    { line: "galley status --check >/dev/null || echo trouble", doc: "Use it in a script." },
  ],
  options: statusOptions,
  positionals: [{ name: "TOPIC", doc: "What to show in full.", required: false, choices: statusWords }],
  layers: "flags",
  // What it stands on is loaded when it runs.
  run: async (context) => (await import("./run.ts")).runStatus(context),
};
