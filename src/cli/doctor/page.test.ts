import { readFile } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import { type Release, releases } from "../../xds/releases.ts";
import type { OptionTable } from "../options/option.ts";
import { serverOptions } from "../options/table.ts";
import { noColours } from "../terminal/colours.ts";
import { formatBytes } from "./bytes.ts";
import { findingIds } from "./finding-ids.ts";
import { doctorOutline } from "./outline.ts";
import { formatReport } from "./report.ts";
import { examineText } from "./testing/examine-text.ts";

const path = "../../../docs/doctor.md";
const page = await readFile(new URL(path, import.meta.url), "utf8");

/** What stands between the marks of the page. */
const parts: Readonly<Record<string, () => string>> = {
  sample() {
    const [, mesh = ""] = /^```yaml\n(.*?)^```$/msu.exec(page) ?? [];
    const report = formatReport([examineText(mesh, { version: "1.25" })], { paint: noColours, width: 100 });
    return `\`\`\`\n$ galley doctor mesh.yaml --istio-version 1.25\n${report}\`\`\``;
  },
  findings() {
    const rows = Object.entries(findingIds).map(([id, { worst, meaning }]) => `| \`${id}\` | ${worst} | ${meaning} |`);
    return ["| id | worst | meaning |", "| --- | --- | --- |", ...rows].join("\n");
  },
  releases() {
    const columns: readonly (readonly [string, (release: Release) => string])[] = [
      ["istiod", ({ name }) => name],
      ["asks for", kindsOf],
      ["largest message", ({ maxMessageBytes }) => formatBytes(maxMessageBytes)],
      ["deletes", ({ handlesDeletes }) => yes(handlesDeletes)],
      ["waits for every kind", ({ waitsForEveryKind }) => yes(waitsForEveryKind)],
      ["responses kept", ({ pinnedResponses }) => String(pinnedResponses)],
      ["revision", ({ sendsRevision }) => yes(sendsRevision)],
      ["TLS", ({ tls }) => tls],
      ["WasmPlugin", ({ wasmPlugin }) => wasmPlugin],
    ];
    const row = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
    const head = [row(columns.map(([name]) => name)), row(columns.map(() => "---"))];
    const body = releases.map((release) => row(columns.map(([, cell]) => cell(release))));
    const notes = releases
      .filter(({ protocol }) => protocol === "xds")
      .flatMap(({ name, notes, mostResponses }) => [
        ...notes.map((note) => `- ${name}: ${note}.`),
        ...(mostResponses === undefined ? [] : [`- ${name}: hangs for ever after ${mostResponses} responses.`]),
      ]);
    return [...head, ...body, "", ...notes].join("\n");
  },
};

function kindsOf({ typeUrls }: Release): string {
  if (typeUrls.length === 0) return "nothing over xDS";
  const isStable = typeUrls.filter((url) => url.includes("/v1/")).length > typeUrls.length / 2;
  return `${typeUrls.length} kinds${isStable ? ", most in v1" : ""}`;
}

const yes = (is: boolean): string => (is ? "yes" : "no");

describe("docs/doctor.md", () => {
  // Write it anew with: npx vitest run src/cli/doctor/page.test.ts -u
  test("has the sample, the findings and the releases that the code makes", async () => {
    let fresh = page;
    for (const [name, make] of Object.entries(parts)) {
      const marks = new RegExp(`(<!-- begin ${name} -->\n).*?(<!-- end ${name} -->)`, "su");
      expect(fresh).toMatch(marks);
      fresh = fresh.replace(marks, (_, begin: string, end: string) => `${begin}\n${make()}\n\n${end}`);
    }
    await expect(fresh).toMatchFileSnapshot(path);
  });

  test("speaks of flags that there are", () => {
    const tables: readonly OptionTable[] = [doctorOutline.options, serverOptions];
    const known = new Set(tables.flatMap((table) => Object.values(table).map(({ name }) => `--${name}`)));
    const named = new Set(page.match(/(?<=[\s`])--[a-z][a-z-]*/gu) ?? []);
    expect([...named].filter((flag) => !known.has(flag))).toEqual([]);
    expect(named.size).toBeGreaterThan(5);
  });
});
