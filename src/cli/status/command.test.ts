import { afterEach, describe, expect, test } from "vitest";
import { parse } from "yaml";
import type { Command } from "../command/command.ts";
import { statusCommand } from "./command.ts";
import { busyWorld } from "./testing/busy-world.ts";
import { type Ran, run, type ServedWorld, serveWorld } from "./testing/serve-world.ts";
import { quietWorld, tell, type World } from "./testing/world.ts";

const open: ServedWorld[] = [];
afterEach(async () => {
  for (const served of open.splice(0)) await served[Symbol.asyncDispose]();
});

async function galleyStatus(world: World, words: readonly string[] = [], columns?: number): Promise<Ran> {
  const served = await serveWorld(world);
  open.push(served);
  const command = statusCommand as unknown as Command<never>;
  return await run(command, ["status", ...words, `--admin=${served.admin}`], columns);
}

const healthy: World = { ...busyWorld, missing: [], sources: [busyWorld.sources[2]!], problems: [] };

/** Sinks in the order of their ids; of every thousand one refuses and one is behind. */
function manySinks(count: number): World["sinks"] {
  const [synced, behind, refused] = [busyWorld.sinks[0]!, busyWorld.sinks[1]!, busyWorld.sinks[2]!];
  return Array.from({ length: count }, (_, i) => ({
    ...(i % 1000 === 998 ? behind : i % 1000 === 999 ? refused : synced),
    id: i + 1,
  }));
}

describe("galley status", () => {
  test("shows the whole at a glance, without colours where no terminal reads it", async () => {
    const { status, out, err } = await galleyStatus(busyWorld);
    expect([status, err]).toEqual([0, ""]);
    expect(out).toContain("not ready\n  the source kube is starting\n");
    expect(out).toContain("\n… and 2 more: galley status problems\n");
    expect(out).toContain("Sinks: 4 connected: 1 synced, 2 behind, 1 refused what is served\n");
    expect(out).not.toContain("\u001b");
  });

  test("keeps within the terminal", async () => {
    const { out } = await galleyStatus(busyWorld, [], 80);
    // oxlint-disable-next-line no-control-regex
    const lines = out.replaceAll(/\u001b\[\d+m/gu, "").split("\n");
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
    expect(out).toContain("\u001b[31mnot ready");
  });

  test.each([
    ["sources", "mesh-config  synced"],
    ["problems", "shop/checkout/routes.yaml:140:9"],
    ["collections", "… and 2 empty collections"],
    ["sinks", "pilot-6c9d7f5b8-zz9qf"],
    ["called", "Unavailable: connect ECONNREFUSED"],
    ["changes", "+1 ~1 -1  -shop/old ~shop/internal +shop/web"],
  ])("shows %s in full", async (topic, text) => {
    const { status, out } = await galleyStatus(busyWorld, [topic]);
    expect(status).toBe(0);
    expect(out).toContain(text);
  });

  test.each(["problems", "collections", "sinks", "called", "changes"])(
    "says it where there are no %s",
    async (topic) => {
      const { status, out } = await galleyStatus(quietWorld, [topic]);
      expect([status, out.split("\n").length]).toEqual([0, 2]);
    },
  );

  test("of a topic that there isn't is a matter of usage", async () => {
    const { status, err } = await galleyStatus(quietWorld, ["sink"]);
    expect(status).toBe(255);
    expect(err).toContain("TOPIC is sources or problems or collections or sinks or called or changes");
  });

  test("without a server ends with status 1, the reason and what to do", async () => {
    const served = await serveWorld(quietWorld);
    await served[Symbol.asyncDispose]();
    const { status, out, err } = await run(statusCommand as unknown as Command<never>, [
      "status",
      `--admin=${served.admin}`,
    ]);
    expect([status, out]).toEqual([1, ""]);
    expect(err).toMatch(
      /^error: no Galley answers at .*: nothing listens there \[GLY_CONNECT\]\nhint: check that galley/u,
    );
  });

  test("watches until interrupted, and shows too that the server can't be reached", async () => {
    const served = await serveWorld(healthy);
    open.push(served);
    const watch = (admin: string): Promise<Ran> =>
      run(statusCommand as unknown as Command<never>, ["status", "-w", `--admin=${admin}`], 80, () => {
        process.emit("SIGINT");
      });
    const clear = "\u001b[H\u001b[2J\u001b[3J";
    const shown = await watch(served.admin);
    expect([shown.status, shown.err]).toEqual([0, ""]);
    expect(shown.out.split(clear)).toEqual(["", expect.stringContaining("Sinks:")]);
    await served[Symbol.asyncDispose]();
    expect(await watch(served.admin)).toEqual({
      status: 0,
      out: expect.stringMatching(/nothing listens there/u),
      err: "",
    });
  });

  test("refuses to watch what is no table on a terminal", async () => {
    const { status, err } = await galleyStatus(quietWorld, ["--watch"]);
    expect([status, err]).toEqual([255, expect.stringContaining("--watch shows tables on a terminal")]);
    expect((await galleyStatus(quietWorld, ["--watch", "-o", "json"], 80)).status).toBe(255);
  });
});

describe("galley status of many", () => {
  test("sinks shows those in trouble first, and how many are left out", async () => {
    const { out } = await galleyStatus({ ...busyWorld, sinks: manySinks(10_000) }, ["sinks"]);
    const lines = out.trimEnd().split("\n");
    expect(lines).toHaveLength(1 + 50 + 1);
    const states = lines.slice(1, -1).map((line) => /refused|behind|synced/u.exec(line)?.[0]);
    expect(states).toEqual([...Array(10).fill("refused"), ...Array(10).fill("behind"), ...Array(30).fill("synced")]);
    expect(lines.at(-1)).toBe("… and 9,950 more: galley status sinks --all");
  });

  test("sinks shows each once if all are asked for", async () => {
    const { out } = await galleyStatus({ ...busyWorld, sinks: manySinks(10_000) }, ["sinks", "--all"]);
    const ids = out
      .trimEnd()
      .split("\n")
      .slice(1)
      .map((line) => Number.parseInt(line, 10));
    expect(new Set(ids).size).toBe(10_000);
    expect(ids).toHaveLength(10_000);
  });

  test("problems shows the worst", async () => {
    const one = busyWorld.problems[0]!;
    const problems = Array.from({ length: 7000 }, (_, i) => ({ ...one, at: { file: "a.yaml", line: i + 1 } }));
    const { out } = await galleyStatus({ ...busyWorld, problems }, ["problems"]);
    expect(out.trimEnd().split("\n")).toHaveLength(52);
    expect(out).toContain("… and 6,950 more: galley status problems --all\n");
    expect((await galleyStatus({ ...busyWorld, problems }, ["problems", "--all"])).out.split("\n")).toHaveLength(7002);
  });

  test("collections shows empty ones only if asked to", async () => {
    expect((await galleyStatus(busyWorld, ["collections"])).out).not.toContain("envoyfilters");
    const { out } = await galleyStatus(busyWorld, ["collections", "--all"]);
    expect(out).toContain("envoyfilters");
    expect(out.trimEnd().split("\n")).toHaveLength(1 + Object.keys(busyWorld.collections).length);
  });
});

describe("galley status for programs", () => {
  test("gives what the server tells at a glance", async () => {
    const told = tell(busyWorld, "status").raw;
    expect(JSON.parse((await galleyStatus(busyWorld, ["-o", "json"])).out)).toEqual(told);
    expect(parse((await galleyStatus(busyWorld, ["-o", "yaml"])).out)).toEqual(told);
  });

  test.each(["sources", "problems", "sinks", "changes"])("gives all %s as the server tells them", async (topic) => {
    const items = tell(busyWorld, topic)
      .list("items")
      .map(({ raw }) => raw);
    expect(JSON.parse((await galleyStatus(busyWorld, [topic, "-o", "json"])).out)).toEqual({ items });
    expect(parse((await galleyStatus(busyWorld, [topic, "-o", "yaml"])).out)).toEqual({ items });
  });

  test("gives collections with their subscribers, empty ones too", async () => {
    const items = tell(busyWorld, "status")
      .list("collections")
      .map(({ raw }) => raw);
    expect(JSON.parse((await galleyStatus(busyWorld, ["collections", "-o", "json"])).out)).toEqual({ items });
  });

  test("gives every entry of a long list, page after page", async () => {
    const sinks = manySinks(1200);
    const { out } = await galleyStatus({ ...busyWorld, sinks }, ["sinks", "-o", "json"]);
    expect((JSON.parse(out) as { items: { id: number }[] }).items.map(({ id }) => id)).toEqual(
      sinks.map(({ id }) => id),
    );
  });

  test("gives an empty list where there is nothing", async () => {
    expect(JSON.parse((await galleyStatus(quietWorld, ["sinks", "-o", "json"])).out)).toEqual({ items: [] });
    expect(parse((await galleyStatus(quietWorld, ["sinks", "-o", "yaml"])).out)).toEqual({ items: [] });
  });

  test("spells out controls where the program is a terminal after all", async () => {
    const sinkId = "a\u009b2Jb\u202ec";
    const world = { ...busyWorld, sinks: [{ ...busyWorld.sinks[0]!, sinkId }] };
    const { out } = await galleyStatus(world, ["sinks", "-o", "yaml"], 80);
    expect(out).toContain("a\\u009b2Jb\\u202ec");
    expect((await galleyStatus(world, ["sinks", "-o", "yaml"])).out).toContain(sinkId);
  });
});

describe("galley status --check", () => {
  test("ends with status 0 while all is well", async () => {
    expect(await galleyStatus(healthy, ["--check"])).toMatchObject({ status: 0, err: "" });
  });

  test.each([
    ["isn't ready", { missing: ["the source files is starting"] }, "it isn't ready"],
    ["reads from a degraded source", { sources: busyWorld.sources }, "the source files is degraded"],
    ["finds errors in the configuration", { problems: busyWorld.problems }, "there are 3 errors in the configuration"],
  ])("ends with status 1 if the server %s, and says so", async (_, fault, told) => {
    const { status, out, err } = await galleyStatus({ ...healthy, ...fault }, ["--check", "changes"]);
    expect(status).toBe(1);
    expect(err).toMatch(new RegExp(`^127.0.0.1:\\d+: ${told}\n$`, "u"));
    expect(out).toContain("TIME");
  });

  test("isn't disturbed by warnings, nor by sinks", async () => {
    const problems = busyWorld.problems.filter(({ severity }) => severity !== "error");
    expect((await galleyStatus({ ...healthy, problems }, ["--check"])).status).toBe(0);
  });
});
