/** A way into a decoded document: keys and indexes from its root. */
export type Path = readonly (string | number)[];

/** `error`: can't be served as written. `warning`: served, but not all of it. `info`: worth knowing. */
export type IssueSeverity = "error" | "warning" | "info";

/** One thing noticed while a document was decoded. */
export interface Issue {
  readonly severity: IssueSeverity;
  /** Stable, kebab-case. */
  readonly code: string;
  readonly path: Path;
  /** A sentence that stands alone: it names the place and, where there is one, the remedy. */
  readonly message: string;
}

const plainKey = /^[A-Za-z_$][\w$-]*$/;
const longestKey = 80;

/** `spec.http[0].route`, for people; a key that could be misread is quoted: `metadata.labels["istio.io/rev"]`. */
export function formatPath(path: Path): string {
  let text = "";
  for (const part of path) {
    if (typeof part === "number") text += `[${part}]`;
    else if (!plainKey.test(part) || part.length > longestKey) text += `[${clip(part, longestKey)}]`;
    else text += text === "" ? part : `.${part}`;
  }
  return text;
}

/** Foreign text as a JSON string, cut to `limit` characters, for a message. */
export function clip(text: string, limit = 60): string {
  return JSON.stringify(text.length > limit ? `${text.slice(0, limit)}…` : text);
}
