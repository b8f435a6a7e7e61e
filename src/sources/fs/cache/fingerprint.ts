import { hash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";

/** Folders whose code decides what a document comes to, relative to the root of the code. */
const CODE = ["lib", "model", "sources/fs", "wire"];

/**
 * A hash of everything but a file's content that decides what it comes to: the code that parses, decodes, encodes and packs,
 * the packages and the Node that it runs on, and `options`. Nobody has to remember to count a version up.
 *
 * @param root folder of the code: `src/` or `dist/`
 * @param manifest the package's own description, which pins the packages that it uses
 * @throws Error when the code can't be read
 */
export function fingerprint(options: unknown, root: URL = codeRoot, manifest: URL = packageFile): string {
  const parts: string[] = [process.version, JSON.stringify(options), digest(manifest)];
  for (const folder of CODE) {
    const from = new URL(`${folder}/`, root);
    const names = readdirSync(from, { recursive: true, encoding: "utf8" });
    for (const name of names.filter(isCode).sort()) parts.push(`${folder}/${name}`, digest(new URL(name, from)));
  }
  return hash("sha256", parts.join("\n"), "hex");
}

/** Three levels up both from `src/sources/fs/cache/` and from `dist/sources/fs/cache/`. */
const codeRoot = new URL("../../../", import.meta.url);
const packageFile = new URL("../package.json", codeRoot);

function isCode(name: string): boolean {
  return /\.[jt]s$/.test(name) && !/\.(?:test|d)\.ts$/.test(name);
}

function digest(file: URL): string {
  return hash("sha256", readFileSync(file), "hex");
}
