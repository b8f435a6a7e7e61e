import { mkdtemp, rm, utimes, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { keepProbeFile } from "../../admin/probes/keep-probe-file.ts";
import { systemClock } from "../../lib/clock.ts";
import { silentLogger } from "../../lib/logger.ts";
import type { Command } from "../command/command.ts";
import { type Ran, run } from "../status/testing/serve-world.ts";
import { probeCommand } from "./command.ts";
import { probeFile } from "./file.ts";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "galley-probe-"));
});
afterAll(() => rm(folder, { recursive: true }));

const probe = (...words: string[]): Promise<Ran> => run(probeCommand as unknown as Command<never>, ["probe", ...words]);

describe("galley probe of a file", () => {
  test("says OK for one that a server keeps", async () => {
    const path = join(folder, "kept");
    let wrote: () => void = () => undefined;
    const written = new Promise<void>((resolve) => (wrote = resolve));
    // The next look is scheduled when the file is there.
    const clock = { ...systemClock, schedule: () => (wrote(), (): void => undefined) };
    const keeper = keepProbeFile({
      name: "liveness",
      path,
      intervalMs: 1000,
      reason: () => undefined,
      clock,
      log: silentLogger,
    });
    await written;
    expect(await probe("--probe-path", path, "--interval=10s")).toEqual({ status: 0, out: "OK\n", err: "" });
    await keeper[Symbol.asyncDispose]();
    expect(await probe("--probe-path", path, "--interval=10s")).toMatchObject({ status: 1 });
  });

  test("ends with status 1 and the reason if there is none", async () => {
    const path = join(folder, "missing");
    expect(await probe(`--probe-path=${path}`, "--interval", "1s")).toEqual({
      status: 1,
      out: `fail on inspecting path ${path}: there is no such file, as long as the probed server isn't well\n`,
      err: "",
    });
  });

  test("tells how old one is that wasn't refreshed", async () => {
    const path = join(folder, "stale");
    await writeFile(path, "");
    await utimes(path, 1_000, 1_000);
    const { status, out } = await probe("--probe-path", path, "--interval=1m");
    expect(status).toBe(1);
    expect(out).toBe(
      `fail on inspecting path ${path}: the file is too old: it was written at 1970-01-01T00:16:40.000Z, more than 1m0s ago\n`,
    );
  });

  test.each([
    [0, true],
    [1010, true],
    [1011, false],
    [-60_000, true],
  ])("allows ten milliseconds beyond the interval: an age of %d ms", async (ageMs, isFresh) => {
    const path = join(folder, "aged");
    await writeFile(path, "");
    await utimes(path, 1_000, 1_000);
    expect((await probeFile(path, 1000, 1_000_000 + ageMs)).ok).toBe(isFresh);
  });

  test.each([
    [[]],
    [["--probe-path=/x"]],
    [["--interval=1s"]],
    [["--probe-path=/x", "--interval=0s"]],
    [["--url=http://x", "--probe-path=/x"]],
    [["--url=http://x", "--timeout=0s"]],
  ])("is a matter of usage with %j", async (words) => {
    expect(await probe(...words)).toMatchObject({
      status: 255,
      out: "",
      err: expect.stringContaining("some options are not valid"),
    });
  });
});

describe("galley probe of a URL", () => {
  const server = createServer((request, response) => {
    if (request.url === "/never") return;
    if (request.url === "/readyz?x=1") response.end("ready\n");
    else response.writeHead(503).end("not ready\n- the source files is \u001b[2Jstarting\n");
  });
  let base = "";
  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => {
    server.close();
    server.closeAllConnections();
  });

  test("says OK if it answers with success", async () => {
    expect(await probe(`--url=${base}/readyz?x=1`)).toEqual({ status: 0, out: "OK\n", err: "" });
  });

  test("ends with status 1 and what it says if it doesn't", async () => {
    expect(await probe(`--url=${base}/readyz`)).toEqual({
      status: 1,
      out: `${base}/readyz answers with 503: not ready\n- the source files is \\u001b[2Jstarting\n`,
      err: "",
    });
  });

  test("ends with status 1 if there is no answer, or none in time", async () => {
    expect(await probe(`--url=${base}/never`, "--timeout=20ms")).toMatchObject({
      status: 1,
      out: `${base}/never doesn't answer: there was no whole answer within 0.02 s\n`,
    });
    expect(await probe("--url=http://127.0.0.1:1/")).toMatchObject({ status: 1, out: expect.stringContaining(":1/") });
  });

  test.each(["x", "https://127.0.0.1/", "file:///etc/passwd", "http://user@127.0.0.1/"])(
    "is a matter of usage for %s",
    async (url) => {
      expect(await probe(`--url=${url}`)).toMatchObject({ status: 255, out: "" });
    },
  );
});
