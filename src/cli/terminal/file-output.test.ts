import { existsSync } from "node:fs";
import { mkdtemp, open, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { fileOutput } from "./file-output.ts";

test("a file gets every text, whole and in order", async () => {
  const folder = await mkdtemp(join(tmpdir(), "galley-output-"));
  const path = join(folder, "out");
  const file = await open(path, "w");
  const output = fileOutput(file.fd);
  for (const text of ["one\n", "", "zwölf\n", "x".repeat(1_000_000)]) output.write(text);
  await file.close();
  expect(await readFile(path, "utf8")).toBe(`one\nzwölf\n${"x".repeat(1_000_000)}`);
  await rm(folder, { recursive: true });
});

/** A disk with room for so many bytes, of which it takes three at a time at most. */
class SmallDisk {
  text = "";
  room = 0;

  readonly write = (_: number, bytes: Buffer, offset: number): number => {
    const taken = Math.min(3, this.room, bytes.length - offset);
    if (taken === 0) throw new Error("no space left");
    this.text += bytes.subarray(offset, offset + taken).toString();
    this.room -= taken;
    return taken;
  };
}

test("a disk that takes a part only is an error, and a line that was torn off stands alone", () => {
  const disk = new SmallDisk();
  const output = fileOutput(1, disk.write);
  disk.room = 12;
  output.write("first\n");
  expect(() => output.write("torn off\n")).toThrow("no space left");
  expect(() => output.write("lost\n")).toThrow("no space left");
  disk.room = 100;
  output.write("whole\n");
  output.write("last\n");
  expect(disk.text).toBe("first\ntorn o\nwhole\nlast\n");
});

test.runIf(existsSync("/dev/full"))("a device that takes nothing is an error at once", async () => {
  const file = await open("/dev/full", "w");
  expect(() => fileOutput(file.fd).write("x")).toThrow("ENOSPC");
  await file.close();
});
