import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openFileSink } from "./file-sink.ts";
import type { LogRecord } from "./record.ts";

const record: LogRecord = { wallMs: 0, level: "info", scope: "default", message: "m", fields: {} };
let folder = "";

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "galley-log-"));
});
afterAll(() => rm(folder, { recursive: true }));

describe("a log in a file", () => {
  test("is appended to, in order, and whole once closed", async () => {
    const path = join(folder, "a.log");
    for (const run of ["one", "two"]) {
      const sink = await openFileSink(path, ({ message }) => message);
      for (let i = 0; i < 500; i++) sink.write({ ...record, message: `${run} ${i}` });
      await sink.close();
    }
    const lines = (await readFile(path, "utf8")).split("\n");
    expect(lines).toHaveLength(1_001);
    expect([lines[0], lines[499], lines[500], lines[999], lines[1_000]]).toEqual([
      "one 0",
      "one 499",
      "two 0",
      "two 499",
      "",
    ]);
  });

  test("loses what it can't hold, and says how much", async () => {
    const path = join(folder, "b.log");
    const sink = await openFileSink(path, ({ message, fields }) => `${message.slice(0, 1e6)} ${fields["lost"] ?? ""}`);
    for (let i = 0; i < 20; i++) sink.write({ ...record, message: "x".repeat(1_048_576) });
    await sink.close();
    const lines = (await readFile(path, "utf8")).trimEnd().split("\n");
    const kept = lines.filter((line) => line.startsWith("xxx")).length;
    expect(kept).toBeLessThan(20);
    expect(lines.at(-1)).toBe(`log records were lost ${20 - kept}`);
  });

  test.runIf(existsSync("/dev/full"))(
    "survives a disk that takes nothing, counts what is lost, and says why once",
    async () => {
      const told: string[] = [];
      const sink = await openFileSink(
        "/dev/full",
        ({ message }) => message,
        (why) => told.push(why),
      );
      for (let i = 0; i < 3; i++) {
        sink.write(record);
        await new Promise((resolve) => setImmediate(resolve));
      }
      await expect(sink.close()).resolves.toBeUndefined();
      expect([sink.lost, told]).toEqual([3, [expect.stringContaining("ENOSPC")]]);
    },
  );

  test("that can't be opened is an error with its path", async () => {
    await expect(openFileSink(join(folder, "none", "x.log"), () => "")).rejects.toMatchObject({
      code: "GLY_LOG_TARGET",
      message: expect.stringContaining(join("none", "x.log")),
    });
  });
});
