import { readFile, stat } from "node:fs/promises";
import type { Clock } from "../../lib/clock.ts";
import { sleep } from "../../lib/sleep.ts";
import type { Position } from "../../lib/yaml/position.ts";
import { wholeTextOf } from "../../lib/yaml/text.ts";
import type { CollectionSpec } from "../../model/collections.ts";
import type { ResourceName } from "../../model/names.ts";
import type { Problem } from "../../model/problem.ts";
import type { Cache } from "../fs/cache/store.ts";
import type { Source, SourceBatch } from "../source.ts";
import { type MeshJson, meshDefaults, withDefaults } from "./defaults.ts";
import { encodeMesh } from "./encoded.ts";

export interface MeshSourceOptions {
  readonly file: string;
  /** Whether somebody named the file, so that its absence is worth a word. */
  readonly expected: boolean;
  /** The MeshConfig collection. */
  readonly collection: CollectionSpec;
  readonly clock: Clock;
  /** What keeps its encoded form from one start to the next. */
  readonly cache?: Cache | undefined;
  /** How often the file is looked at, milliseconds. */
  readonly pollMs?: number;
}

/** The only resource of the collection. */
const NAME = "istio-system/meshconfig" as ResourceName;

const MAX_BYTES = 1024 * 1024;

/**
 * The mesh configuration: a file over the defaults of Galley 1.3.6. It is looked at every other second, which follows
 * symlinks and so sees ConfigMap swaps. A file that goes or breaks changes nothing but the list of problems.
 */
export function createMeshSource(options: MeshSourceOptions): Source {
  return { name: "mesh-config", read: (signal) => readMesh(options, signal) };
}

async function* readMesh(options: MeshSourceOptions, signal: AbortSignal): AsyncIterable<SourceBatch> {
  const { clock, pollMs = 2000 } = options;
  let seen: string | undefined;
  let served = false;
  let synced = false;
  let keep: Judged["keep"];
  while (!signal.aborted) {
    const found = await look(options.file, seen);
    if (found.kind !== "same") {
      seen = found.kind === "content" ? found.mark : found.kind;
      const judged = await judge(found, options);
      if (judged.batch !== undefined && (found.kind === "content" || !served)) {
        served = true;
        keep = judged.keep;
        yield judged.batch;
      }
      yield { kind: "problems", scope: options.file, problems: judged.problems };
    }
    if (!served) {
      served = true;
      const defaults = await upsert(meshDefaults, options);
      keep = defaults.keep;
      yield defaults.batch!;
    }
    if (!synced) {
      synced = true;
      yield { kind: "synced" };
    }
    await sleep(clock, pollMs, signal);
    if (!signal.aborted) await keep?.();
    keep = undefined;
  }
}

type Look =
  | { readonly kind: "same" }
  | { readonly kind: "missing" }
  | { readonly kind: "unreadable"; readonly why: string }
  | { readonly kind: "content"; readonly bytes: Buffer; readonly mark: string };

/** Reads the file if it is another one than before. */
async function look(file: string, seen: string | undefined): Promise<Look> {
  try {
    const { mtimeMs, size, ino } = await stat(file);
    const mark = `${mtimeMs} ${size} ${ino}`;
    if (mark === seen) return { kind: "same" };
    if (size > MAX_BYTES) return { kind: "unreadable", why: `it is larger than ${MAX_BYTES} bytes` };
    return { kind: "content", bytes: await readFile(file), mark };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const kind = code === "ENOENT" || code === "ENOTDIR" ? "missing" : "unreadable";
    if (kind === seen) return { kind: "same" };
    return kind === "missing" ? { kind } : { kind: "unreadable", why: message };
  }
}

interface Judged {
  readonly batch?: SourceBatch;
  /** Has the cache keep it. */
  readonly keep?: (() => Promise<void>) | undefined;
  readonly problems: readonly Problem[];
}

async function judge(found: Exclude<Look, { kind: "same" }>, options: MeshSourceOptions): Promise<Judged> {
  switch (found.kind) {
    case "missing": {
      const message = "there is no such mesh config file; create it, or name another with --mesh-config-file";
      return { problems: options.expected ? [problem(options.file, "warning", "mesh-config-missing", message)] : [] };
    }
    case "unreadable":
      return { problems: [problem(options.file, "error", "mesh-config-unreadable", `can't be read: ${found.why}`)] };
    case "content": {
      const read = await readSettings(found.bytes);
      return read.ok ? await upsert(withDefaults(read.settings), options) : { problems: [notRead(options.file, read)] };
    }
  }
}

/** Why a file holds no mesh settings, and where, as far as it is one place. */
interface Unread {
  readonly ok: false;
  readonly message: string;
  readonly at?: Position;
}

async function readSettings(bytes: Buffer): Promise<{ readonly ok: true; readonly settings: MeshJson } | Unread> {
  const whole = wholeTextOf(bytes);
  if (!whole.ok) return whole;
  const { text } = whole;
  const { parseAnyYaml } = await import("../../lib/yaml/parse.ts");
  const parsed = parseAnyYaml(text);
  if (!parsed.ok) {
    const { explain } = await import("../../lib/yaml/explain.ts");
    const { message, ...at } = explain(text, parsed.fault);
    return { ok: false, message, at };
  }
  const settings = parsed.value ?? {};
  const isObject = typeof settings === "object" && !Array.isArray(settings);
  return isObject
    ? { ok: true, settings: settings as MeshJson }
    : { ok: false, message: "must be an object of mesh settings" };
}

function notRead(file: string, { message, at }: Unread): Problem {
  return { ...problem(file, "error", "mesh-config-syntax", message), at: { file, ...at } };
}

async function upsert(json: MeshJson, { collection, file, cache }: MeshSourceOptions): Promise<Judged> {
  const { resource, issues, keep } = await encodeMesh(json, collection, NAME, { describe: () => file }, cache);
  // What only one generation of the API knows is no news: the defaults are those of 1.3.
  const problems = issues
    .filter((issue) => issue.severity !== "info")
    .map((issue) => problem(file, issue.severity, issue.code, issue.message));
  if (resource === undefined) return { problems };
  return { batch: { kind: "patch", upserts: [resource], deletes: [] }, keep, problems };
}

function problem(file: string, severity: Problem["severity"], code: string, message: string): Problem {
  const action = severity === "error" ? "what was in service before stays" : "the rest is in service";
  return { severity, code, message, action, at: { file }, subject: "MeshConfig" };
}
