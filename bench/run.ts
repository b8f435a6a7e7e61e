import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { fanOut } from "./fan-out.ts";
import { bench as fanOutDelta } from "./fan-out-delta.ts";
import { bench as fanOutFull } from "./fan-out-full.ts";
import { bench as idle } from "./idle.ts";
import { bench as memory } from "./memory.ts";
import { bench as oneChangeFiles } from "./one-change-files.ts";
import { bench as oneChangeMemory } from "./one-change-memory.ts";
import { bench as original } from "./original.ts";
import { bench as slowReaders } from "./slow-readers.ts";
import { bench as stalled } from "./stalled.ts";
import { bench as start } from "./start.ts";
import { bench as storm } from "./storm.ts";
import { bench as updates } from "./updates.ts";
import type { Bench, Row } from "./lib/bench.ts";
import { tableHead, tableLine } from "./lib/table.ts";
import { oneChange } from "./one-change.ts";

// npm run bench                  all of them but those that need more than Node
// npm run bench -- NAME…         these
// npm run bench -- --json        JSON instead of the table
// npm run bench -- --json=FILE   JSON as well, in a file
// npm run bench -- --long        the full measurement where there is a shorter one

const benches: readonly Bench[] = [
  start,
  memory,
  oneChangeFiles,
  oneChangeMemory,
  oneChange,
  fanOut,
  fanOutFull,
  fanOutDelta,
  stalled,
  idle,
  storm,
  updates,
  slowReaders,
  original,
];

const args = process.argv.slice(2);
const flags = args.filter((arg) => arg.startsWith("--"));
const names = args.filter((arg) => !arg.startsWith("--"));
const jsonFile = flags.find((flag) => flag.startsWith("--json="))?.slice("--json=".length);
const onlyJson = flags.includes("--json");
const options = { long: flags.includes("--long") };

const unknown = names.filter((name) => !benches.some((bench) => bench.name === name));
if (unknown.length > 0) {
  console.error(
    `no bench is called ${unknown.join(", ")}; there are: ${benches.map((bench) => bench.name).join(", ")}`,
  );
  process.exit(255);
}

const machine = {
  cores: cpus().length,
  processor: cpus()[0]?.model.trim() ?? "unknown",
  node: process.version,
  date: new Date().toISOString().slice(0, 10),
};
const rows: Row[] = [];
if (!onlyJson) {
  console.log(`${machine.cores} cores, ${machine.processor}, Node ${machine.node}, ${machine.date}\n\n${tableHead}`);
}
for (const bench of benches) {
  if (names.length > 0 ? !names.includes(bench.name) : bench.needs !== undefined) continue;
  const folder = mkdtempSync(join(tmpdir(), "galley-bench-"));
  try {
    for (const row of await bench.run(folder, options)) {
      rows.push(row);
      if (!onlyJson) console.log(tableLine(row));
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
const json = `${JSON.stringify({ machine, rows }, null, 2)}\n`;
if (onlyJson) process.stdout.write(json);
if (jsonFile !== undefined) writeFileSync(jsonFile, json);
process.exit(0);
