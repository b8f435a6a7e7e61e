import { metadataProblem, type Metadata } from "../../grpc/metadata.ts";

/** The verdict on what `--sink-meta` says. */
export type ParsedMeta =
  | { readonly ok: true; readonly metadata: Metadata }
  | { readonly ok: false; readonly reason: string };

/**
 * Reads `key=value` pairs. Each has exactly one `=` with something on both sides, as in Galley 1.3.6; keys are made lower
 * case, because HTTP/2 has no others. A key that comes twice has two values.
 */
export function parseSinkMeta(pairs: readonly string[]): ParsedMeta {
  const metadata: [string, string][] = [];
  for (const pair of pairs) {
    const [key, value, ...rest] = pair.split("=");
    if (key === undefined || key === "" || value === undefined || value === "" || rest.length > 0) {
      return { ok: false, reason: `sinkMeta not in key=value format: ${JSON.stringify(pair)}` };
    }
    metadata.push([key.toLowerCase(), value]);
  }
  const problem = metadataProblem(metadata);
  return problem === undefined ? { ok: true, metadata } : { ok: false, reason: `sinkMeta: ${problem}` };
}
