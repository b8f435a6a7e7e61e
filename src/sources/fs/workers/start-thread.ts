import { Worker, type WorkerOptions } from "node:worker_threads";
import { moduleFile, runsFromSource } from "../../../lib/program.ts";

/** Starts a thread that reads files (`entry.ts`). */
export function startThread(options: WorkerOptions): Worker {
  const entry = moduleFile("sources/fs/workers/entry");
  if (!runsFromSource) return new Worker(entry, options);
  // From its source, as in tests: threads don't take over what makes their parent understand TypeScript.
  const loader = import.meta.resolve("tsx/esm/api");
  const code = `import("${loader}").then(({ register }) => { register(); return import("${entry.href}"); })`;
  return new Worker(code, { ...options, eval: true });
}
