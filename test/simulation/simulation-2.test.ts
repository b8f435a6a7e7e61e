import { proveSchedules } from "./prove.ts";

proveSchedules(1, 2);
