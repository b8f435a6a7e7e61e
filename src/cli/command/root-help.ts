import { wrap } from "../terminal/wrap.ts";
import type { CommandOutline } from "./command.ts";
import { entry, examplesSection, type HelpStyle, title } from "./help.ts";

/** What `galley` alone says: what it is for, how to begin, and its commands. */
export function rootHelp(commands: readonly CommandOutline[], style: HelpStyle): string {
  const { paint, width } = style;
  const column = 4 + Math.max(...commands.map(({ name }) => name.length));
  const sections = [
    title("galley", "reads mesh configuration and keeps every consumer's copy of it current", style),
    `${paint.bold("Usage")}\n  galley COMMAND [flags]`,
    examplesSection(
      commands.flatMap(({ examples }) => examples.slice(0, 1)),
      style,
    ),
    [paint.bold("Commands"), ...commands.map(({ name, summary }) => entry(name, summary, style, column))].join("\n"),
    wrap("`galley help COMMAND` explains a command and its flags.", width).join("\n"),
  ];
  return `${sections.join("\n\n")}\n`;
}
