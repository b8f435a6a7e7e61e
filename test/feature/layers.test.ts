import { execFile } from "node:child_process";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";

// The layer rule of ARCHITECTURE.md is only worth something if breaking it is noticed.
const run = promisify(execFile);
const planted = "src/lib/planted-violation";

beforeAll(() => mkdir(planted, { recursive: true }));
afterAll(() => rm(planted, { recursive: true, force: true }));

async function lint(path: string): Promise<{ readonly code: number; readonly output: string }> {
  try {
    const { stdout } = await run("npx", ["oxlint", path], { env: process.env });
    return { code: 0, output: stdout };
  } catch (error) {
    const failed = error as { code: number; stdout: string };
    return { code: failed.code, output: failed.stdout };
  }
}

test("an import from a higher layer fails the linter and names the rule", async () => {
  await writeFile(
    `${planted}/upward.ts`,
    'import type { Hub } from "../../snapshot/hub.ts";\nexport type Upward = Hub;\n',
  );
  const { code, output } = await lint(planted);
  expect(code).not.toBe(0);
  expect(output).toContain("no-restricted-imports");
  expect(output).toContain("ARCHITECTURE.md, Layers");
});

test("an import from a folder on the same layer fails the linter", async () => {
  await rm(`${planted}/upward.ts`, { force: true });
  const sibling = "src/snapshot/planted-violation.ts";
  await writeFile(sibling, 'import type { Source } from "../sources/source.ts";\nexport type Sideways = Source;\n');
  try {
    const { code, output } = await lint(sibling);
    expect(code).not.toBe(0);
    expect(output).toContain("no-restricted-imports");
  } finally {
    await rm(sibling, { force: true });
  }
});

test("an import from a lower layer passes", async () => {
  await writeFile(
    `${planted}/downward.ts`,
    'import type { Brand } from "../brand.ts";\nexport type Fine = Brand<string, "Fine">;\n',
  );
  const { code, output } = await lint(planted);
  expect(output).not.toContain("no-restricted-imports");
  expect(code).toBe(0);
});
