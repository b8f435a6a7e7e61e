import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { GalleyError } from "../lib/errors.ts";
import type { Command, CommandContext } from "./command/command.ts";
import { checkServer, serverOutline } from "./command/server-outline.ts";
import { completionCommand } from "./completion/command.ts";
import type { ServerOptions } from "./options/table.ts";
import { runCli } from "./run.ts";
import { versionCommand } from "./version/command.ts";

interface Outcome {
  readonly status: number;
  readonly out: string;
  readonly err: string;
  readonly contexts: readonly CommandContext<ServerOptions>[];
}

async function galley(
  words: readonly string[],
  env: Record<string, string> = {},
  act?: () => Promise<number>,
): Promise<Outcome> {
  const contexts: CommandContext<ServerOptions>[] = [];
  const server: Command<ServerOptions> = {
    ...serverOutline,
    check: checkServer,
    run: async (context) => {
      contexts.push(context);
      context.log.logger.scope("mcp").debug("at work");
      return (await act?.()) ?? 0;
    },
  };
  const commands = [server, versionCommand, completionCommand, echo] as unknown as readonly Command[];
  let [out, err] = ["", ""];
  const io = { stdout: { write: (text: string) => (out += text) }, stderr: { write: (text: string) => (err += text) } };
  const status = await runCli(commands, words, env, io);
  return { status, out, err, contexts };
}

const echo: Command = {
  name: "echo",
  summary: "Say it again",
  description: [],
  examples: [],
  options: {},
  positionals: [
    { name: "ONE", doc: "The first.", required: true },
    { name: "MORE", doc: "The others.", required: false, many: true },
  ],
  layers: "flags",
  run({ positionals, io, log }) {
    for (let i = 0; i < positionals.length; i++) log.logger.warn("echoing");
    io.stdout.write(positionals.join(" "));
    return Promise.resolve(0);
  },
};

const good = ["--insecure", "--config-path=x"];
let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "galley-run-"));
});
afterAll(() => rm(folder, { recursive: true }));

describe("help", () => {
  test.each([[[]], [["help"]], [["--help"]], [["-h"]], [["--log-as-json"]]])("is what %j prints", async (words) => {
    expect(await galley(words)).toMatchObject({
      status: 0,
      out: expect.stringMatching(/^galley: [^]*Commands/u),
      err: "",
    });
  });

  test.each([
    [["help", "server"]],
    [["server", "--help"]],
    [["--help", "server"]],
    [["server", "stray", "-h"]],
    [["server", "--monitoring-port=x", "--help"]],
  ])("of the server is what %j prints, and nothing runs", async (words) => {
    const { status, out, contexts } = await galley(words);
    expect([status, contexts]).toEqual([0, []]);
    expect(out).toMatch(/^galley server: /u);
  });

  test("of what isn't there is an error", async () => {
    expect(await galley(["help", "sever"])).toMatchObject({ status: 255, out: "" });
  });
});

describe("a usage error", () => {
  test.each([
    [["sever"], 'unknown command "sever"', "did you mean galley server?"],
    [["collateral"], "the command collateral of Galley 1.3.6 isn't in this release", ""],
    [["server", "--insecur"], "unknown flag --insecur", "did you mean --insecure?"],
    [["--nosuch", "server"], "unknown flag --nosuch", ""],
    [["server", "stray"], 'galley server takes no argument "stray"', ""],
    [["server", ...good, "--monitoring-port=x"], "--monitoring-port=x: expected a whole number", ""],
    [
      ["server", ...good, "--enable-validation"],
      "--enable-validation=true needs the validation webhook",
      "set it to false",
    ],
    [["echo"], "galley echo needs the argument ONE", ""],
    [["completion", "tcsh"], 'SHELL is bash or zsh or fish, not "tcsh"', ""],
    [["version", "-o", "xml"], "-o=xml: expected yaml or json [GLY_VALUE]", ""],
  ])("is said for %j, with status 255 and nothing else", async (words, message, hint) => {
    const { status, out, err, contexts } = await galley(words);
    expect([status, out, contexts]).toEqual([255, "", []]);
    expect(err).toContain(message);
    expect(err).toContain(hint);
    expect(err.split("\n")).toHaveLength(3);
  });
});

describe("a command", () => {
  test.each([[["server", ...good]], [[...good, "server"]], [["--log_as_json", "server", ...good]], [["--", "server"]]])(
    "is found in %j",
    async (words) => {
      const { contexts, status } = await galley(words, { GALLEY_INSECURE: "true", GALLEY_CONFIG_PATH: "x" });
      expect([contexts.length, status]).toEqual([1, 0]);
    },
  );

  test("is given typed settings from all layers", async () => {
    const path = join(folder, "g.yaml");
    await writeFile(path, "general:\n  monitoringPort: 1\nctrlz_port: 2\nserver-address: 127.0.0.1:3\n");
    const env = { GALLEY_CTRLZ_PORT: "4", GALLEY_CONFIG: path };
    const { contexts } = await galley(["server", ...good, "--server-address=localhost:5"], env);
    expect(contexts[0]?.settings.values).toMatchObject({
      insecure: true,
      configPath: "x",
      monitoringPort: 1,
      ctrlzPort: 4,
      serverAddress: { kind: "tcp", host: "localhost", port: 5 },
      excludedResourceKinds: ["Endpoints", "Namespace", "Node", "Pod", "Service"],
    });
    expect(contexts[0]?.settings.origin("monitoringPort")).toMatchObject({ kind: "file", line: 2 });
  });

  test("is given its arguments in order", async () => {
    expect(await galley(["echo", "a", "b", "--", "-c"])).toMatchObject({ status: 0, out: "a b -c" });
  });

  test("that reads flags alone isn't disturbed by the environment", async () => {
    expect(await galley(["version", "-s"], { GALLEY_MONITORING_PORT: "x" })).toMatchObject({ status: 0, err: "" });
  });

  test("decides the exit status", async () => {
    expect((await galley(["server", ...good], {}, () => Promise.resolve(7))).status).toBe(7);
  });

  test("that fails for a reason outside is reported with a hint and status 1", async () => {
    const outcome = await galley(["server", ...good], {}, () => Promise.reject(new GalleyError("GLY_LISTEN", "taken")));
    expect(outcome).toMatchObject({ status: 1, err: expect.stringMatching(/^error: taken \[GLY_LISTEN\]\nhint: /u) });
  });

  test("that throws is a bug, which is said with its trace", async () => {
    const outcome = await galley(["server", ...good], {}, () => Promise.reject(new TypeError("oops")));
    expect(outcome).toMatchObject({ status: 1, err: expect.stringContaining("[GLY_INTERNAL]") });
  });
});

describe("the log", () => {
  test("of the server goes to stdout, with the level of each scope", async () => {
    const { out, err } = await galley(["server", ...good, "--log_output_level=mcp:debug"]);
    expect(JSON.parse(out)).toMatchObject({ level: "debug", scope: "mcp", msg: "at work" });
    expect(err).toBe("");
  });

  test("of other commands stays out of their output", async () => {
    const { out, err } = await galley(["echo", "a"]);
    expect(out).toBe("a");
    expect(JSON.parse(err)).toMatchObject({ msg: "echoing" });
  });

  test("takes its settings from the config file too", async () => {
    const path = join(folder, "log.yaml");
    await writeFile(path, "log_output_level: mcp:debug\nlog_as_json: false\n");
    expect((await galley(["server", ...good, "-c", path])).out).toMatch(/\tdebug\tmcp\tat work\n$/u);
  });

  test("begins with what is odd about the settings", async () => {
    const { out } = await galley(["server", ...good, "--useOldProcessor=false", "--server-address=0.0.0.0:1"]);
    const records = out
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as object);
    expect(records).toMatchObject([
      { level: "warn", scope: "settings", msg: expect.stringContaining("--useOldProcessor=false has no effect") },
      { level: "warn", scope: "settings", msg: expect.stringContaining("tcp://0.0.0.0:1 serves plaintext") },
    ]);
  });

  test("is closed at the end, and says what it held back", async () => {
    const { err } = await galley(["echo", "a", "b", "c"]);
    const records = err
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as object);
    expect(records).toMatchObject([{ msg: "echoing" }, { msg: "echoing", repeated: 2 }]);
  });

  test("that can't be opened stops the command", async () => {
    const { status, contexts, err } = await galley(["server", ...good, "--log-target=/nowhere/x.log"]);
    expect([status, contexts]).toEqual([1, []]);
    expect(err).toContain("[GLY_LOG_TARGET]");
  });
});

describe("a config file", () => {
  test.each([
    ["x.toml", "a = 1", "GLY_CONFIG_FILE_FORMAT"],
    ["broken.yaml", "a: [", "GLY_CONFIG_FILE_SYNTAX"],
    ["value.yaml", "monitoringPort: many", "GLY_CONFIG_FILE_VALUE"],
  ])("that is wrong ends the start with status 1: %s", async (name, text, code) => {
    await writeFile(join(folder, name), text);
    const { status, err, contexts } = await galley(["server", ...good, "--config", join(folder, name)]);
    expect([status, contexts]).toEqual([1, []]);
    expect(err).toContain(`[${code}]`);
  });

  test("of a feature that isn't built is refused with its line", async () => {
    const path = join(folder, "profiling.yaml");
    await writeFile(path, "\ngeneral:\n  pprofPort: 1\n");
    const { err } = await galley(["server", ...good, "--config", path]);
    expect(err).toContain(`${path}:3: general.pprofPort: 1 needs profiling`);
  });
});

test("version prints the version, also as a flag", async () => {
  expect((await galley(["version", "--short"])).out).toMatch(/^\d+\.\d+\.\d+\S*\n$/u);
  expect((await galley(["--version"])).out).toMatch(/^galley \d+\.\d+\.\d+/u);
});

describe("an output that takes nothing", () => {
  function full(): never {
    throw Object.assign(new Error("ENOSPC: no space left on device, write"), { code: "ENOSPC" });
  }
  const commands = [echo, versionCommand] as unknown as readonly Command[];

  test.each([[["version"]], [["echo", "a"]], [["help"]], [["--help"]]])(
    "is an error of galley %j, with status 1",
    async (words) => {
      let err = "";
      const io = { stdout: { write: full }, stderr: { write: (text: string) => (err += text) } };
      expect(await runCli(commands, words, {}, io)).toBe(1);
      expect(err).toMatch(/^error: the output can't be written: ENOSPC.* \[GLY_OUTPUT\]\nhint: /mu);
    },
  );

  test("may tell of it by an event, after the command is done", async () => {
    let fail: (error: Error) => void = () => undefined;
    const stdout = {
      on: (_: "error", listener: typeof fail) => (fail = listener),
      write: () => process.nextTick(() => fail(new Error("EIO"))),
    };
    expect(await runCli(commands, ["version"], {}, { stdout, stderr: { write: () => true } })).toBe(1);
  });

  test("for words about the work changes nothing of the work", async () => {
    let out = "";
    const io = { stdout: { write: (text: string) => (out += text) }, stderr: { write: full } };
    expect(await runCli(commands, ["echo", "a", "b"], {}, io)).toBe(0);
    expect(out).toBe("a b");
    expect(await runCli(commands, ["sever"], {}, io)).toBe(255);
  });
});

test("a reader that goes away is no error", async () => {
  let fail: (error: Error) => void = () => undefined;
  const write = (): void => process.nextTick(() => fail(Object.assign(new Error("write EPIPE"), { code: "EPIPE" })));
  const stdout = { write, on: (_: "error", listener: typeof fail) => (fail = listener) };
  let err = "";
  expect(await runCli([], [], {}, { stdout, stderr: { write: (text: string) => (err += text) } })).toBe(0);
  expect(err).toBe("");
});
