import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { coldStart } from "./cold-start.ts";
import { fanOut } from "./fan-out.ts";
import { reconnect } from "./reconnect.ts";
import type { Bench, Row } from "./lib/bench.ts";
import { oneChange } from "./one-change.ts";

// npm run bench            all of them
// npm run bench -- NAME    one
// npm run bench -- --json=FILE  also as JSON

const benches: readonly Bench[] = [oneChange, fanOut, reconnect, coldStart];

const args = process.argv.slice(2);
const jsonFile = args.find((arg) => arg.startsWith("--json="))?.slice("--json=".length);
const names = args.filter((arg) => !arg.startsWith("--"));
const unknown = names.filter((name) => !benches.some((bench) => bench.name === name));
if (unknown.length > 0) {
  console.error(
    `no bench is called ${unknown.join(", ")}; there are: ${benches.map((bench) => bench.name).join(", ")}`,
  );
  process.exit(255);
}

const rows: Row[] = [];
console.log(
  `${cpus().length} cores, ${cpus()[0]?.model.trim()}, Node ${process.version}, ${new Date().toISOString().slice(0, 10)}\n`,
);
for (const bench of benches) {
  if (names.length > 0 && !names.includes(bench.name)) continue;
  console.log(`${bench.name}: ${bench.about}`);
  const folder = mkdtempSync(join(tmpdir(), "galley-bench-"));
  try {
    const result = await bench.run(folder);
    for (const { what, value, unit, target } of result) {
      console.log(`  ${what.padEnd(36)} ${value.toFixed(2).padStart(10)} ${unit.padEnd(4)} (to reach: ${target})`);
    }
    rows.push(...result);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
if (jsonFile !== undefined) writeFileSync(jsonFile, `${JSON.stringify(rows, null, 2)}\n`);
process.exit(0);
