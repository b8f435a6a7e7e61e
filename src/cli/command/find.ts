import { GalleyError } from "../../lib/errors.ts";
import { suggest } from "../../lib/suggest.ts";
import type { Command } from "./command.ts";

/** Commands of Galley 1.3.6 that aren't here. */
const formerCommands: ReadonlySet<string> = new Set(["collateral"]);

/** The command of that name; throws `GalleyError` if there is none. */
export function findCommand(commands: readonly Command[], name: string): Command {
  const found = commands.find((command) => command.name === name);
  if (found !== undefined) return found;
  if (formerCommands.has(name)) {
    throw new GalleyError("GLY_UNKNOWN_COMMAND", `the command ${name} of Galley 1.3.6 isn't in this release`);
  }
  const near = suggest(
    name,
    commands.map((command) => command.name),
  );
  const hint = near === undefined ? {} : { hint: `did you mean galley ${near}?` };
  throw new GalleyError("GLY_UNKNOWN_COMMAND", `unknown command ${JSON.stringify(name)}`, hint);
}
