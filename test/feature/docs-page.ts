import { readFile, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { CommandOutline } from "../../src/cli/command/command.ts";
import { type ParsedLine, parseLine } from "../../src/cli/command/parse.ts";
import { serverOutline } from "../../src/cli/command/server-outline.ts";
import { doctorOutline } from "../../src/cli/doctor/outline.ts";
import { getCommand } from "../../src/cli/get/command.ts";
import type { OptionTable } from "../../src/cli/options/option.ts";
import { commonOptions } from "../../src/cli/options/table/common.ts";
import { probeCommand } from "../../src/cli/probe/command.ts";
import { statusCommand } from "../../src/cli/status/command.ts";
import { watchOutline } from "../../src/cli/watch/outline.ts";

const outlines: readonly Pick<CommandOutline, "name" | "options">[] = [
  serverOutline,
  watchOutline,
  statusCommand,
  getCommand,
  probeCommand,
  doctorOutline,
];

/** A call of `galley` that a page shows. */
export interface ShownCall {
  /** The command and its arguments, without `galley`. */
  readonly words: readonly string[];
  /** What follows it in its block: what it prints, if the page shows that. */
  readonly output: string;
}

/** A page of docs/, taken apart. */
export class Page {
  readonly path: string;
  readonly text: string;

  private constructor(path: string, text: string) {
    this.path = path;
    this.text = text;
  }

  static async read(path: string): Promise<Page> {
    return new Page(path, await readFile(path, "utf8"));
  }

  /** The blocks of a language; of none, unless one is given. Their indentation is taken away. */
  blocks(language = ""): readonly string[] {
    const found = this.text.matchAll(/^( *)```(\w*)\n(.*?)^\1```$/gmsu);
    return [...found]
      .filter(([, , its]) => its === language)
      .map(([, indent = "", , block = ""]) => block.replaceAll(new RegExp(`^${indent}`, "gmu"), ""));
  }

  /** The calls of `galley` in blocks without a language, also those inside of a pod. */
  calls(): readonly ShownCall[] {
    return this.blocks().flatMap((block) => {
      const joined = block.replaceAll(/ \\\n +/gu, " ");
      const lines = joined.matchAll(/^(?:\$ )?(?:kubectl .* -- )?galley ([^\n]+)\n((?:(?!\$ )[^\n]*\n)*)/gmu);
      return [...lines].map(([, call = "", output = ""]) => ({
        words: call.split(/ +/u).filter((word) => word !== "…"),
        output,
      }));
    });
  }

  /** What a command prints, as the page shows it. @throws Error when the page doesn't show it */
  outputOf(...words: readonly string[]): string {
    const call = this.calls().find((shown) => shown.words.join(" ") === words.join(" "));
    if (call === undefined) throw new Error(`${this.path} does not show galley ${words.join(" ")}`);
    return call.output;
  }

  /** Flags that the text names outside of blocks. */
  flags(): readonly string[] {
    const prose = this.text.replaceAll(/^( *)```.*?^\1```$/gmsu, "");
    return [...new Set(prose.match(/(?<=[\s`(])--[a-z][a-z-]*/gu))];
  }

  /** Links to files and headings that don't exist. */
  async deadLinks(): Promise<readonly string[]> {
    const links = [...this.text.matchAll(/\]\(([^)\s]+)\)/gu)].map(([, link = ""]) => link);
    const checked = links.map(async (link) => ((await this.#leads(link)) ? [] : [link]));
    return (await Promise.all(checked)).flat();
  }

  async #leads(link: string): Promise<boolean> {
    if (link.startsWith("https://")) return true;
    const [file = "", heading] = link.split("#");
    const path = file === "" ? this.path : join(dirname(this.path), file);
    if (heading === undefined) return await stat(path).then(Boolean, () => false);
    const text = await readFile(path, "utf8").catch(() => "");
    return [...text.matchAll(/^#+ (.*)$/gmu)].some(([, title = ""]) => anchorOf(title) === heading);
  }
}

function anchorOf(title: string): string {
  return title
    .toLowerCase()
    .replaceAll(/[^\w -]/gu, "")
    .replaceAll(" ", "-");
}

/** Reads a command line as `galley` does. @throws GalleyError when `galley` would not take it */
export function parseCall([name = "", ...rest]: readonly string[]): ParsedLine {
  const outline = outlines.find((one) => one.name === name);
  if (outline === undefined) throw new Error(`there is no command galley ${name}`);
  return parseLine({ ...commonOptions, ...outline.options }, rest);
}

/** Every flag of every command. */
export const everyFlag: ReadonlySet<string> = new Set(
  [commonOptions as OptionTable, ...outlines.map(({ options }) => options)].flatMap((table) =>
    Object.values(table).map(({ name }) => `--${name}`),
  ),
);
