import { hash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { codeRoot, packageFile, runsFromSource } from "../../../lib/program.ts";

/** Folders whose code decides what a document comes to, relative to the root of the code; of a build, all that it bundled. */
const CODE = runsFromSource ? ["lib", "model", "sources/fs", "wire"] : ["cli", "sources/fs/workers"];

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

function isCode(name: string): boolean {
  return /\.[jt]s$/.test(name) && !/\.(?:test|d)\.ts$/.test(name);
}

function digest(file: URL): string {
  return hash("sha256", readFileSync(file), "hex");
}
