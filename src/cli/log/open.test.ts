import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { ManualClock } from "../../lib/manual-clock.ts";
import type { CliIo } from "../terminal/io.ts";
import { type LogValues, openLog } from "./open.ts";

const values: LogValues = { logAsJson: "auto", logTarget: ["stdout"], logOutputLevel: new Map() };

function streams(isTTY: boolean): { io: CliIo; out: string[]; err: string[] } {
  const out: string[] = [];
  const err: string[] = [];
  const stream = (written: string[]) => ({ isTTY, write: (text: string) => void written.push(text) });
  return { io: { stdout: stream(out), stderr: stream(err) }, out, err };
}

async function logged(more: Partial<LogValues>, isTTY: boolean): Promise<{ out: string[]; err: string[] }> {
  const { io, out, err } = streams(isTTY);
  const log = await openLog({ ...values, ...more }, io, { NO_COLOR: "1" }, new ManualClock());
  log.logger.info("hi");
  await log.close();
  return { out, err };
}

describe("openLog", () => {
  test.each([
    ["auto", true, /\d\d:\d\d:\d\d\.\d{3} info {2}default {2}hi\n$/u],
    [false, true, /\d\d:\d\d:\d\d\.\d{3} info {2}default {2}hi\n$/u],
    [true, true, /\{"time":.*"msg":"hi"\}\n$/u],
    ["auto", false, /^\{"time":.*"msg":"hi"\}\n$/u],
    [true, false, /^\{"time":.*"msg":"hi"\}\n$/u],
    [false, false, /^1970-01-01T00:00:00\.000Z\tinfo\thi\n$/u],
  ] as const)("with log-as-json=%s and a terminal: %s, writes the right format", async (logAsJson, isTTY, line) => {
    expect((await logged({ logAsJson }, isTTY)).out.join("")).toMatch(line);
  });

  test("writes to each target once, however often it is named", async () => {
    const { out, err } = await logged({ logTarget: ["stderr", "stdout", "stderr"] }, false);
    expect([out.length, err.length]).toEqual([1, 1]);
  });

  test("writes to a file, as JSON unless told otherwise", async () => {
    const folder = await mkdtemp(join(tmpdir(), "galley-log-"));
    const path = join(folder, "x.log");
    await logged({ logTarget: [path] }, true);
    await logged({ logTarget: [path], logAsJson: false }, true);
    expect(await readFile(path, "utf8")).toMatch(/^\{.*"msg":"hi"\}\n\S+\tinfo\thi\n$/u);
    await rm(folder, { recursive: true });
  });

  test("says once on stderr that another target takes nothing", async () => {
    const { io, err } = streams(false);
    const full = {
      write: () => {
        throw new Error("no space left\u001b");
      },
    };
    const log = await openLog({ ...values, logTarget: ["stdout"] }, { ...io, stdout: full }, {}, new ManualClock());
    for (let i = 0; i < 3; i++) log.logger.info("hi");
    expect(log.lost).toBe(3);
    expect(err.join("")).toBe(
      "the log can't be written to stdout: no space left\\u001b; records are lost until it can\n",
    );
    const both = { ...io, stdout: full, stderr: full };
    const deaf = await openLog({ ...values, logTarget: ["stdout", "stderr"] }, both, {}, new ManualClock());
    expect(() => deaf.logger.info("hi")).not.toThrow();
    expect(deaf.lost).toBe(2);
  });

  test("fails with the name of a file that can't be opened", async () => {
    const { io } = streams(false);
    const opening = openLog({ ...values, logTarget: ["stdout", "/nowhere/x.log"] }, io, {}, new ManualClock());
    await expect(opening).rejects.toMatchObject({ code: "GLY_LOG_TARGET" });
  });
});
