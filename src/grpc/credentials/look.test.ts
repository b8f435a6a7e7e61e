import { symlink } from "node:fs/promises";
import { execFileSync } from "node:child_process";
import { afterEach, beforeEach, expect, test } from "vitest";
import { lookAt, MAX_FILE_BYTES } from "./look.ts";
import { TestFolder } from "./testing/folder.ts";

let folder: TestFolder;
beforeEach(async () => {
  folder = await TestFolder.make();
});
afterEach(() => folder[Symbol.asyncDispose]());

test("finds the bytes of a file, however long up to the limit", async () => {
  for (const length of [0, 1, 16 * 1024, 100_000, MAX_FILE_BYTES]) {
    const bytes = Buffer.alloc(length, "text");
    await folder.write("file", bytes);
    const look = await lookAt(folder.at("file"));
    expect(look.kind === "bytes" && look.bytes.equals(bytes)).toBe(true);
  }
});

test("follows links, also those of a mounted Secret", async () => {
  await folder.mount({ file: "one" });
  expect(await lookAt(folder.at("file"))).toEqual({ kind: "bytes", bytes: Buffer.from("one") });
  await folder.mount({ file: "two" });
  expect(await lookAt(folder.at("file"))).toEqual({ kind: "bytes", bytes: Buffer.from("two") });
});

test("tells a file that isn't there", async () => {
  await symlink("nowhere", folder.at("dangling"));
  expect(await lookAt(folder.at("missing"))).toEqual({ kind: "absent" });
  expect(await lookAt(folder.at("dangling"))).toEqual({ kind: "absent" });
  expect(await lookAt(folder.at("no/such/folder"))).toEqual({ kind: "absent" });
});

test("says why something can't be read, without waiting for a pipe's other end", async () => {
  await folder.write("file", "x");
  await folder.write("large", Buffer.alloc(MAX_FILE_BYTES + 1));
  await symlink("loop", folder.at("loop"));
  execFileSync("mkfifo", [folder.at("pipe")]);
  const why = async (name: string): Promise<unknown> => {
    const look = await lookAt(folder.at(name));
    return look.kind === "unreadable" ? look.why : look;
  };
  expect(await why(".")).toBe("it is not a regular file");
  expect(await why("pipe")).toBe("it is not a regular file");
  expect(await why("large")).toBe("it is larger than 1048576 bytes");
  expect(await why("file/below")).toContain("no folder");
  expect(await why("loop")).toContain("link that leads back");
});
