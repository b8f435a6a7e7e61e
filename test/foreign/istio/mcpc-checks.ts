import { join } from "node:path";
import { serveSamples } from "../sinks.ts";
import type { Tally } from "../tally.ts";
import { equal, eventually } from "./eventually.ts";
import { put } from "./content.ts";
import { denial } from "./mixer-checks.ts";
import { Mcpc } from "./mcpc.ts";
import type { IstioPrograms } from "./programs.ts";
import { servedLines } from "./served.ts";

/** Has mcpc ask for what Pilot and Mixer ask for, as it knows them. */
export async function checkMcpc({ mcpc: program }: IstioPrograms, into: string, tally: Tally): Promise<void> {
  const folder = join(into, "mcpc-config");
  await using server = await serveSamples(folder);
  await put(folder, "denial.yaml", denial("closed", "strangers"));
  for (const [whose, flag, count] of [
    ["Pilot", "-use-wkt-pilot", 16],
    ["Mixer", "-use-wkt-mixer", 37],
  ] as const) {
    await using mcpc = new Mcpc(program, server.address, flag);
    await tally.check(`mcpc: is sent every collection of ${whose}'s, as it is served`, async () => {
      await eventually(async () => {
        const collections = [...mcpc.arrived().keys()];
        equal("the number of collections", collections.length, count);
        equal("what it was sent", mcpc.lines(), await servedLines(server, collections));
      });
      const lines = mcpc.lines();
      if (lines.length < 6) throw new Error(`that is only ${lines.length}`);
    });
  }
}
