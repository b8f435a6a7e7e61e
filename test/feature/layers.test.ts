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

test.each([
  ["a folder on the same layer", "snapshot", "Source", "../sources/source.ts"],
  ["the wiring into what it wires", "xds", "ServingPath", "../server/serving-path.ts"],
  ["what is handed in to the wiring", "server", "Metrics", "../admin/metrics/create.ts"],
  ["the face into the wiring", "server", "ConfigurationServer", "../sdk/serve-configuration.ts"],
])("an import from %s fails the linter", async (_, folder, type, from) => {
  const file = `src/${folder}/planted-violation.ts`;
  await writeFile(file, `import type { ${type} } from "${from}";\nexport type Planted = ${type};\n`);
  try {
    const { code, output } = await lint(file);
    expect(code).not.toBe(0);
    expect(output).toContain("no-restricted-imports");
  } finally {
    await rm(file, { force: true });
  }
});

test("an import from a lower layer passes", async () => {
  await rm(`${planted}/upward.ts`, { force: true });
  await writeFile(
    `${planted}/downward.ts`,
    'import type { Brand } from "../brand.ts";\nexport type Fine = Brand<string, "Fine">;\n',
  );
  const { code, output } = await lint(planted);
  expect(output).not.toContain("no-restricted-imports");
  expect(code).toBe(0);
});
