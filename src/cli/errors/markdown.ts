import { type ErrorSpec, errorTable } from "../../lib/errors.ts";
import { exitStatus } from "./print.ts";

const exits: Readonly<Record<ErrorSpec["family"], number>> = {
  usage: exitStatus.usage,
  operational: exitStatus.failed,
  bug: exitStatus.failed,
};

/** The reference of error codes, `docs/errors.md`. */
export function errorsMarkdown(): string {
  const rows = Object.entries<ErrorSpec>(errorTable).map(
    ([code, spec]) =>
      `| \`${code}\` | ${exits[spec.family]} | ${spec.retry === "backoff" ? "yes" : "no"} | ${spec.meaning} | ${spec.remedy} |`,
  );
  return `${preamble}\n${rows.join("\n")}\n`;
}

const preamble = `# Errors

<!-- Made from src/lib/errors.ts; \`npx vitest run src/cli/errors -u\` writes it anew. -->

A command that fails prints a line that begins with \`error:\`, ends with one of these codes, and is followed by a line
with a hint. Codes are stable; the wording around them is not.

A command ends with status 0 if it did its work, 255 if its command line or environment can't be understood or asks for
something that this release doesn't have, and 1 if anything else went wrong. If several things are wrong at once, all are
printed, and 255 wins.

*Retry* says whether the same command can succeed later without a change to it.

| code | status | retry | meaning | what to do |
| --- | --- | --- | --- | --- |`;
