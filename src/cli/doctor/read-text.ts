import { createReadStream } from "node:fs";
import type { Readable } from "node:stream";
import { GalleyError } from "../../lib/errors.ts";

/** A list of every ConfigMap of a large cluster fits in. */
const MAX_BYTES = 16 * 1024 * 1024;

/** Reads a file, or standard input for `-`. Throws `GalleyError` if it can't be read, is too large, or is no UTF-8. */
export async function readText(path: string, stdin: () => Readable = () => process.stdin): Promise<string> {
  const pieces: Buffer[] = [];
  let length = 0;
  try {
    for await (const piece of path === "-" ? stdin() : createReadStream(path)) {
      pieces.push(piece as Buffer);
      length += (piece as Buffer).length;
      if (length > MAX_BYTES) throw unreadable(path, `it is larger than ${MAX_BYTES / 1024 / 1024} MiB`);
    }
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(Buffer.concat(pieces));
  } catch (error) {
    if (GalleyError.is(error)) throw error;
    throw unreadable(path, reasonOf(error), error);
  }
}

/** How messages call the input. */
export function inputName(path: string): string {
  return path === "-" ? "standard input" : path;
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file",
  EISDIR: "it is a folder; folders of configuration are for --config-path",
  EACCES: "this user may not read it",
  ERR_ENCODING_INVALID_ENCODED_DATA: "it is not UTF-8 text",
};

function reasonOf(error: unknown): string {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  return reasons[code] ?? (error instanceof Error ? error.message : String(error));
}

function unreadable(path: string, why: string, cause?: unknown): GalleyError {
  return new GalleyError("GLY_NOT_EXAMINED", `${inputName(path)} can't be read: ${why}`, {
    ...(cause === undefined ? {} : { cause }),
    hint: "give a file with a mesh config, - for standard input, or a running istiod with --istiod",
  });
}
