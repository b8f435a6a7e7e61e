import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** The collection that the corpus feeds. */
export const COLLECTION = "istio/networking/v1alpha3/serviceentries";

/** One ServiceEntry of about 500 bytes, in one of the shapes that people write. `revision` makes it differ. */
function serviceEntry(index: number, revision = 0): string {
  const name = `entry-${String(index).padStart(6, "0")}`;
  return `apiVersion: networking.istio.io/v1alpha3
kind: ServiceEntry
metadata:
  name: ${name}
  namespace: bench-${index % 50}
  labels:
    app: shop-${index % 200}
    revision: "${revision}"
spec:
  hosts:
  - ${name}.example.com
  - ${name}.internal.example.com
  addresses:
  - 10.${(index >> 16) & 255}.${(index >> 8) & 255}.${index & 255}
  ports:
  - number: 443
    name: https
    protocol: HTTPS
  - number: 8080
    name: http
    protocol: HTTP
  location: MESH_EXTERNAL
  resolution: STATIC
  endpoints:
  - address: 192.168.${(index >> 8) & 255}.${index & 255}
    labels:
      version: v${index % 3}
`;
}

/** The text of one file of the corpus. */
export function fileText(
  file: number,
  perFile: number,
  changed?: { readonly index: number; readonly revision: number },
): string {
  const documents: string[] = [];
  for (let i = file * perFile; i < (file + 1) * perFile; i++) {
    documents.push(serviceEntry(i, changed?.index === i ? changed.revision : 0));
  }
  return documents.join("---\n");
}

export function filePath(folder: string, file: number): string {
  return join(folder, `part-${String(file).padStart(4, "0")}.yaml`);
}

/** Writes `documents` documents in `files` files. */
export function writeCorpus(folder: string, documents: number, files: number): void {
  mkdirSync(folder, { recursive: true });
  for (let file = 0; file < files; file++) writeFileSync(filePath(folder, file), fileText(file, documents / files));
}
