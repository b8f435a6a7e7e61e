import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Tally } from "../tally.ts";
import { checkConversations } from "./conversation-checks.ts";
import { checkMcpc } from "./mcpc-checks.ts";
import { checkMixer } from "./mixer-checks.ts";
import { checkLaterPilot, checkPilot, checkPilotOnIstio } from "./pilot-checks.ts";
import type { IstioPrograms } from "./programs.ts";
import { checkSinks } from "./sink-checks.ts";
import { checkTls } from "./tls-checks.ts";
import { checkVerdicts } from "./verdict-checks.ts";

const checks = [
  checkMcpc,
  checkPilot,
  checkPilotOnIstio,
  checkLaterPilot,
  checkTls,
  checkMixer,
  checkVerdicts,
  checkSinks,
  checkConversations,
];

/** Checks Galley against the programs of Istio 1.3: those that it feeds, and the one whose place it takes. */
export async function runIstio(programs: IstioPrograms, into: string, tally: Tally): Promise<void> {
  const folder = join(into, "istio");
  await mkdir(folder);
  for (const check of checks) await check(programs, folder, tally);
}
