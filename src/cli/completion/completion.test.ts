import { spawnSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { helpCommand } from "../command/help-command.ts";
import { serverOutline } from "../command/server-outline.ts";
import { versionCommand } from "../version/command.ts";
import { bashCompletion } from "./bash.ts";
import { completionCommand } from "./command.ts";
import { fishCompletion } from "./fish.ts";
import { completionModel } from "./model.ts";
import { zshCompletion } from "./zsh.ts";

const commands = [serverOutline, versionCommand, completionCommand, helpCommand];
const model = completionModel(commands);
const scripts = { bash: bashCompletion(model), zsh: zshCompletion(model), fish: fishCompletion(model) };

describe("the completion model", () => {
  const server = model.find(({ name }) => name === "server");

  test("has the flags that work, by their main names", () => {
    const names = server?.flags.map(({ long }) => long);
    expect(names).toContain("config-path");
    expect(names).not.toContain("configPath");
    expect(names).not.toContain("pprof-port");
    expect(names).not.toContain("use-old-processor");
  });

  test("knows what a flag takes", () => {
    const takes = new Map(server?.flags.map((flag) => [flag.long, flag.takes.kind]));
    expect(takes.get("config-path")).toBe("folder");
    expect(takes.get("config")).toBe("file");
    expect(takes.get("insecure")).toBe("nothing");
    expect(takes.get("monitoring-port")).toBe("anything");
  });

  test("offers the commands after help", () => {
    expect(model.find(({ name }) => name === "help")?.words).toEqual(["server", "version", "completion", "help"]);
  });
});

describe.each(Object.entries(scripts))("the script for %s", (shell, script) => {
  test("names every command and working flag", () => {
    for (const { name, flags } of model) {
      expect(script).toContain(name);
      for (const { long } of flags) expect(script).toContain(long);
    }
  });
});

// A shell that isn't installed has nobody to be asked of it.
function isInstalled(shell: string): boolean {
  return spawnSync(shell, ["-c", "exit 0"]).status === 0;
}

test.each(Object.entries(scripts).filter(([shell]) => isInstalled(shell)))("%s accepts its script", (shell, script) => {
  expect(spawnSync(shell, ["-n"], { input: script, encoding: "utf8" })).toMatchObject({ status: 0, stderr: "" });
});

describe.runIf(isInstalled("bash"))("in bash", () => {
  function complete(...words: string[]): readonly string[] {
    const quoted = words.map((word) => `'${word}'`).join(" ");
    const call = `COMP_WORDS=(${quoted}); COMP_CWORD=${words.length - 1}; _galley; printf '%s\\n' "\${COMPREPLY[@]}"`;
    const { stdout } = spawnSync("bash", ["-c", `${scripts.bash}\n${call}`], { encoding: "utf8", cwd: "/" });
    return stdout.split("\n").filter((line) => line !== "");
  }

  test.each([
    [
      ["galley", ""],
      ["server", "version", "completion", "help", "--help", "--version"],
    ],
    [["galley", "se"], ["server"]],
    [["galley", "server", "--ins"], ["--insecure"]],
    [["galley", "--log-as-json", "server", "--ins"], ["--insecure"]],
    [["galley", "completion", "z"], ["zsh"]],
    [["galley", "help", "ver"], ["version"]],
    [["galley", "version", "-o", "j"], ["json"]],
    [["galley", "version", "--output", "=", "y"], ["yaml"]],
    [
      ["galley", "version", "--output", "="],
      ["yaml", "json"],
    ],
    [["galley", "server", "--config-path", "/us"], ["/usr"]],
    [["galley", "server", "--monitoring-port", ""], []],
  ])("%j is completed to %j", (words, expected) => {
    expect(complete(...words)).toEqual(expected);
  });
});
