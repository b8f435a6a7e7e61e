import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** A Gateway of the namespace `foreign` with a port of its own, which tells its states apart. */
export function gateway(name: string, port: number | string): string {
  return [
    "---",
    "apiVersion: networking.istio.io/v1alpha3",
    "kind: Gateway",
    `metadata: { name: ${name}, namespace: foreign }`,
    "spec:",
    "  servers:",
    `    - port: { number: ${port}, name: http, protocol: HTTP }`,
    '      hosts: ["*"]',
    "",
  ].join("\n");
}

/** Replaces a file of a folder that a server reads; nothing as text removes it. */
export async function put(folder: string, file: string, text: string | undefined): Promise<void> {
  const path = join(folder, file);
  if (text === undefined) return await rm(path);
  await writeFile(`${path}.new`, text);
  await rename(`${path}.new`, path);
}

/** Writes each document into a file of its own, in a new folder. */
export async function writeDocuments(folder: string, documents: readonly string[]): Promise<void> {
  await mkdir(folder);
  for (const [index, text] of documents.entries()) await put(folder, `${String(index).padStart(4, "0")}.yaml`, text);
}
