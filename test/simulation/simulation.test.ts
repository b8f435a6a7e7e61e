import { test } from "vitest";
import { prove, proveSchedules } from "./prove.ts";

const only = process.env["GALLEY_SEED"];

// The second half is in simulation-2.test.ts.
if (only === undefined) proveSchedules(0, 2);
else test(`schedule ${only} holds`, { timeout: 120_000 }, () => prove(Number(only), Number(only)));
