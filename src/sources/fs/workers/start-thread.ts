import { Worker, type WorkerOptions } from "node:worker_threads";

/** Starts a thread that reads files (`entry.ts`, which stands beside this module in `src/` as in `dist/`). */
export function startThread(options: WorkerOptions): Worker {
  if (!import.meta.url.endsWith(".ts")) return new Worker(new URL("./entry.js", import.meta.url), options);
  // From its source, as in tests: threads don't take over what makes their parent understand TypeScript.
  const loader = import.meta.resolve("tsx/esm/api");
  const { href } = new URL("./entry.ts", import.meta.url);
  const code = `import("${loader}").then(({ register }) => { register(); return import("${href}"); })`;
  return new Worker(code, { ...options, eval: true });
}
