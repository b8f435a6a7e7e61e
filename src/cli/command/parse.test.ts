import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { GalleyError } from "../../lib/errors.ts";
import type { OptionTable } from "../options/option.ts";
import { findCommandWord, parseLine } from "./parse.ts";

const table: OptionTable = {
  config: { name: "config", short: "c", kind: "file", default: "", doc: "X." },
  verbose: { name: "verbose", short: "v", kind: "switch", default: "false", doc: "X." },
  quiet: { name: "quiet", short: "q", kind: "switch", default: "false", doc: "X." },
  maxSize: { name: "max-size", formerName: "maxSize", kind: "int", default: "1", doc: "X." },
};

function parsed(...words: string[]): { flags: Record<string, readonly string[]>; positionals: readonly string[] } {
  const { flags, positionals } = parseLine(table, words);
  return { flags: Object.fromEntries([...flags].map(([key, { texts }]) => [key, texts])), positionals };
}

describe("parseLine", () => {
  test.each([
    [["--config=a"], { config: ["a"] }, []],
    [["--config", "a"], { config: ["a"] }, []],
    [["--config="], { config: [""] }, []],
    [["--config=a=b"], { config: ["a=b"] }, []],
    [["--maxSize=1", "--max-size", "2"], { maxSize: ["1", "2"] }, []],
    [["--verbose"], { verbose: ["true"] }, []],
    [["--verbose=false"], { verbose: ["false"] }, []],
    [["--verbose", "false"], { verbose: ["true"] }, ["false"]],
    [["-c", "a"], { config: ["a"] }, []],
    [["-ca"], { config: ["a"] }, []],
    [["-c=a"], { config: ["a"] }, []],
    [["-vq"], { verbose: ["true"], quiet: ["true"] }, []],
    [["-vc", "a"], { verbose: ["true"], config: ["a"] }, []],
    [["-v=false"], { verbose: ["false"] }, []],
    [["--max-size", "-1"], { maxSize: ["-1"] }, []],
    [["a", "--verbose", "b"], { verbose: ["true"] }, ["a", "b"]],
    [["--", "--verbose", "-c"], {}, ["--verbose", "-c"]],
    [["-"], {}, ["-"]],
    [[], {}, []],
  ])("takes %j apart", (words, flags, positionals) => {
    expect(parsed(...words)).toEqual({ flags, positionals });
  });

  test("takes any number of words after --", () => {
    expect(parseLine(table, ["--", ...Array<string>(300_000).fill("a")]).positionals).toHaveLength(300_000);
  });

  test("remembers how a flag was spelled", () => {
    expect(parseLine(table, ["--maxSize=1"]).flags.get("maxSize")?.origin).toEqual({ kind: "flag", flag: "--maxSize" });
  });

  test.each([
    [["--verbos"], "GLY_UNKNOWN_FLAG", "unknown flag --verbos", "did you mean --verbose?"],
    [["--max_size=1"], "GLY_UNKNOWN_FLAG", "unknown flag --max_size", "did you mean --max-size?"],
    [["--maxsize=1"], "GLY_UNKNOWN_FLAG", "unknown flag --maxsize", "did you mean --max-size?"],
    [["--no-verbose"], "GLY_UNKNOWN_FLAG", "unknown flag --no-verbose", "did you mean --verbose=false?"],
    [["--something-else"], "GLY_UNKNOWN_FLAG", "unknown flag --something-else", "galley help COMMAND"],
    [["-x"], "GLY_UNKNOWN_FLAG", "unknown flag -x", "galley help COMMAND"],
    [["-vx"], "GLY_UNKNOWN_FLAG", "unknown flag -x in -vx", "galley help COMMAND"],
    [["--config"], "GLY_VALUE", "--config needs a value", "write --config=VALUE"],
    [["-vc"], "GLY_VALUE", "-c needs a value", "write -c=VALUE"],
    [
      ["--config", "--verbose"],
      "GLY_VALUE",
      "--config needs a value, and the flag --verbose follows it",
      "write --config=--verbose",
    ],
  ])("refuses %j", (words, code, message, hint) => {
    let error: unknown;
    try {
      parseLine(table, words);
    } catch (caught) {
      error = caught;
    }
    expect(error).toMatchObject({ code, message, hint: expect.stringContaining(hint) });
  });

  test("gives a line taken apart or a GalleyError, whatever the words", () => {
    const word = fc.oneof(fc.string(), fc.constantFrom("--", "-", "--config", "--config=", "-vqc", "--=", "-=", "a"));
    fc.assert(
      fc.property(fc.array(word), (words) => {
        try {
          expect(parseLine(table, words).positionals.length).toBeLessThanOrEqual(words.length);
        } catch (error) {
          if (!GalleyError.is(error)) throw error;
        }
      }),
    );
  });
});

describe("findCommandWord", () => {
  const other: OptionTable = { only: { name: "only", short: "v", kind: "text", default: "", doc: "X." } };

  test.each([
    [["run"], 0],
    [["--verbose", "run"], 1],
    [["--config", "file", "run"], 2],
    [["--config=file", "run"], 1],
    [["-c", "file", "run"], 2],
    [["-cfile", "run"], 1],
    [["--only", "x", "run"], 2],
    [["--", "run"], 1],
    [["--"], undefined],
    [["--verbose"], undefined],
    [[], undefined],
  ])("in %j finds the command at %s", (words, at) => {
    expect(findCommandWord([table, other], words)).toBe(at);
  });

  test("refuses a flag that no command has, before taking what follows it for a command", () => {
    expect(() => findCommandWord([table, other], ["--nothing", "run"])).toThrow("unknown flag --nothing");
  });

  test("refuses a flag that takes a value with one command and none with another", () => {
    expect(() => findCommandWord([table, other], ["-v", "run"])).toThrow("write the command before it");
  });
});
