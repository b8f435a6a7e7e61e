import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { parse } from "yaml";

/** Folders of Istio's sources that hold documents. */
const folders = ["samples", "tests", "galley", "pilot", "mixer", "istioctl", "pkg", "install", "security"];

/** Istio's own documents, of its samples, charts and tests: the first of each kind and name, but for templates. */
export async function istioDocuments(sources: string): Promise<readonly string[]> {
  const known = new Set<string>();
  const documents: string[] = [];
  for (const folder of folders) {
    for (const path of (await readdir(join(sources, folder), { recursive: true })).sort()) {
      if (!/\.ya?ml$/.test(path)) continue;
      const text = await readFile(join(sources, folder, path), "utf8");
      if (!text.includes("istio.io") || text.includes("{{")) continue;
      for (const document of text.split(/^---.*$/m)) {
        const name = nameOf(document);
        if (name === undefined || known.has(name)) continue;
        known.add(name);
        documents.push(document);
      }
    }
  }
  return documents;
}

/** Kind, namespace and name; nothing for what is no document, and for what can't be read. */
function nameOf(text: string): string | undefined {
  let document: unknown;
  try {
    document = parse(text, { logLevel: "silent" });
  } catch {
    return undefined;
  }
  if (typeof document !== "object" || document === null || Array.isArray(document)) return undefined;
  const { kind, metadata } = document as Readonly<Record<string, unknown>>;
  const { namespace, name } = (metadata ?? {}) as Readonly<Record<string, unknown>>;
  return JSON.stringify([kind, namespace, name]);
}
