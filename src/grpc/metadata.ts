/** Metadata of a call, in order; a key may come more than once. The value of a `-bin` key is base64 text. */
export type Metadata = readonly (readonly [key: string, value: string])[];

// What HTTP/2 forbids, what the transport sets itself, and what Node refuses to send twice or at all.
const reserved: ReadonlySet<string> = new Set([
  "connection",
  "content-length",
  "content-type",
  "date",
  "host",
  "http2-settings",
  "keep-alive",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

/** Why this metadata can't be sent, in one sentence that names the key; `undefined` when it can. */
export function metadataProblem(metadata: Metadata): string | undefined {
  for (const [key, value] of metadata) {
    const problem = keyProblem(key) ?? valueProblem(key, value);
    if (problem !== undefined) return `metadata ${JSON.stringify(key)} ${problem}`;
  }
  return undefined;
}

/** The metadata among the raw headers of a request (name, value, name, value…): all that isn't the protocol's own. */
export function metadataOf(rawHeaders: readonly string[]): Metadata {
  const metadata: [string, string][] = [];
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const key = rawHeaders[i]!;
    if (!key.startsWith(":") && !key.startsWith("grpc-") && !reserved.has(key))
      metadata.push([key, rawHeaders[i + 1]!]);
  }
  return metadata;
}

/** The metadata as Node takes headers. */
export function toHeaders(metadata: Metadata): Record<string, string | string[]> {
  const headers: Record<string, string | string[]> = {};
  for (const [key, value] of metadata) {
    const before = headers[key];
    if (before === undefined) headers[key] = value;
    else if (typeof before === "string") headers[key] = [before, value];
    else before.push(value);
  }
  return headers;
}

function keyProblem(key: string): string | undefined {
  if (!/^[0-9a-z_.-]+$/.test(key)) return "may hold only a to z, 0 to 9, '_', '-' and '.' in its key";
  if (key.startsWith("grpc-") || reserved.has(key)) return "is a key that belongs to the protocol";
  return undefined;
}

function valueProblem(key: string, value: string): string | undefined {
  if (key.endsWith("-bin")) return /^[A-Za-z0-9+/]*={0,2}$/.test(value) ? undefined : "must have a base64 value";
  if (!/^[\x20-\x7e]*$/.test(value)) return "may hold only printable ASCII in its value";
  return value.trim() === value ? undefined : "may not have blanks round its value";
}
