import { spawn } from "node:child_process";
import { once } from "node:events";
import { cp, mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";

// As package managers lay packages out that keep them in one place, and as whoever moves `node_modules` away does.

const root = fileURLToPath(new URL("../../", import.meta.url));
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "galley-linked-"));
  for (const part of ["package.json", "dist/cli", "dist/sources"])
    await cp(join(root, part), join(folder, part), { recursive: true });
  await symlink(join(root, "node_modules"), join(folder, "node_modules"));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

test("the program that is built serves when its packages are behind a link, and its output is a pipe", async () => {
  const ports = ["--server-address=tcp://127.0.0.1:0", "--monitoring-port=0", "--ctrlz-port=0"];
  const args = ["dist/cli/main.js", "server", "--insecure", `--config-path=${join(root, "samples")}`, ...ports];
  const server = spawn(process.execPath, args, { cwd: folder, stdio: ["ignore", "pipe", "pipe"] });
  try {
    let said = "";
    server.stderr.setEncoding("utf8").on("data", (text: string) => (said += text));
    const isListening = once(createInterface({ input: server.stdout }), "line");
    const [first] = await Promise.race([isListening, once(server, "close").then(() => [said])]);
    expect(first).toContain('"msg":"listening"');
  } finally {
    server.kill("SIGKILL");
  }
});
