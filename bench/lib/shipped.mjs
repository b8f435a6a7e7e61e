// Has a process of a bench run what is shipped: modules of `src/` are taken from `dist/`. Translated on the way from `src/` they
// would be something else: tsx names every function that is made anew, which costs 200 bytes and some time each.
import { register } from "node:module";
import { isMainThread } from "node:worker_threads";

const source = new URL("../../src/", import.meta.url).href;
const built = new URL("../../dist/", import.meta.url).href;

// Loaded twice: by the process, and by the thread in which Node asks where modules are.
if (isMainThread) register(import.meta.url);

/** Where a module is, as Node asks it. */
export async function resolve(specifier, context, next) {
  const found = await next(specifier, context);
  if (!found.url.startsWith(source)) return found;
  const path = found.url.slice(source.length).replace(/\.ts(\?.*)?$/, ".js");
  return { ...found, url: built + path, format: "module" };
}
