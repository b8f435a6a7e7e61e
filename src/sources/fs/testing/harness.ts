import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Collection, ResourceName, ResourceVersion } from "../../../model/names.ts";
import { formatPlace, type Problem } from "../../../model/problem.ts";
import type { Resource, ResourceKey } from "../../../model/resource.ts";
import type { Source, SourceBatch } from "../../source.ts";
import type { ReadingHelp } from "../help.ts";
import type { Decode, FileTimings } from "../options.ts";
import { readPacked } from "../workers/read-packed.ts";

// What the tests of the file source share: a real folder, a small decoder, and a consumer that remembers what it was told.

/** Waits short enough for tests, with margins that a busy machine keeps. */
export const quick: Partial<FileTimings> = { settleMs: 5, lossMs: 60, goneMs: 40, replacedMs: 150, restlessMs: 1000 };

/** A folder of its own for a test. */
export class TestFolder implements AsyncDisposable {
  readonly #base: string;
  readonly root: string;

  private constructor(base: string) {
    this.#base = base;
    this.root = join(base, "config");
  }

  static async create(files: Readonly<Record<string, string | Buffer>> = {}): Promise<TestFolder> {
    const folder = new TestFolder(await mkdtemp(join(tmpdir(), "galley-fs-")));
    await mkdir(folder.root);
    for (const [path, text] of Object.entries(files)) await folder.write(path, text);
    return folder;
  }

  path(path: string): string {
    return join(this.root, path);
  }

  async write(path: string, text: string | Buffer): Promise<void> {
    await mkdir(dirname(this.path(path)), { recursive: true });
    await writeFile(this.path(path), text);
  }

  /** As careful programs save: a new file takes the place of the old one. */
  async replace(path: string, text: string): Promise<void> {
    const beside = this.path(`${path}.tmp~`);
    await writeFile(beside, text);
    await rename(beside, this.path(path));
  }

  async move(from: string, to: string): Promise<void> {
    await mkdir(dirname(this.path(to)), { recursive: true });
    await rename(this.path(from), this.path(to));
  }

  async link(path: string, target: string): Promise<void> {
    await mkdir(dirname(this.path(path)), { recursive: true });
    await symlink(target, this.path(path));
  }

  async remove(path = ""): Promise<void> {
    await rm(this.path(path), { recursive: true, force: true });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.#base, { recursive: true, force: true });
  }
}

/** A document of the kind that `decode` knows. */
export function thing(name: string, value: string | number = 1, kind = "Thing"): string {
  return `apiVersion: test/v1\nkind: ${kind}\nmetadata:\n  name: ${name}\nspec:\n  value: ${value}\n`;
}

export function things(...documents: readonly string[]): string {
  return documents.join("---\n");
}

interface Doc {
  readonly kind?: unknown;
  readonly metadata?: { readonly name?: unknown; readonly namespace?: unknown };
  readonly spec?: { readonly value?: unknown };
}

/**
 * Takes documents of the kinds Thing and Other. The version of a resource is its value. `value: bad` is refused, `value: odd` is
 * served with a warning, `value: boom` trips over a bug, the kind Excluded is ignored in silence and any other with a warning.
 */
export const decode: Decode = (raw, origin) => {
  const doc = raw as Doc;
  const name = doc?.metadata?.name;
  const value = doc?.spec?.value;
  if (doc?.kind === "Excluded") return { ok: true, value: undefined, issues: [] };
  const issue = (severity: "error" | "warning", code: string, path: readonly string[]) => [
    { severity, code, path, message: `${path.join(".")} is ${code}` },
  ];
  if (typeof doc?.kind !== "string" || typeof name !== "string")
    return { ok: false, issues: issue("error", "not-a-thing", []) };
  if (doc.kind !== "Thing" && doc.kind !== "Other") {
    return { ok: true, value: undefined, issues: issue("warning", "unknown-kind", ["kind"]) };
  }
  if (value === "bad") return { ok: false, issues: issue("error", "bad", ["spec", "value"]) };
  if (value === "boom") throw new TypeError("boom");
  const namespace = doc.metadata?.namespace;
  const resource: Resource = {
    collection: (doc.kind === "Thing" ? "things" : "others") as Collection,
    name: (typeof namespace === "string" ? `${namespace}/${name}` : name) as ResourceName,
    version: JSON.stringify(doc.spec ?? null) as ResourceVersion,
    legacy: undefined,
    current: undefined,
    origin,
  };
  return { ok: true, value: resource, issues: value === "odd" ? issue("warning", "odd", ["spec", "value"]) : [] };
};

/** Help that needs no thread: what is read is packed and unpacked all the same. */
export const packingHelp: ReadingHelp = {
  isWorth: () => true,
  hire: () => ({
    isFree: true,
    isDisposed: false,
    read: (order) => readPacked(order, decode),
    [Symbol.dispose]: () => undefined,
  }),
};

/** A consumer: what it was told, in order, and what that comes to. */
export class Follower implements AsyncDisposable {
  readonly source: Source;
  readonly log: string[] = [];
  readonly resources: Map<string, Resource> = new Map();
  readonly #problems = new Map<string, readonly Problem[]>();
  readonly batches: SourceBatch[] = [];
  degraded: Problem | undefined;
  synced = false;
  readonly #abort = new AbortController();
  readonly #done: Promise<void>;
  #wake: (() => void) | undefined;
  #error: unknown;

  constructor(source: Source) {
    this.source = source;
    this.#done = this.#consume();
  }

  /** Follows a source until it has said everything once. */
  static async synced(source: Source): Promise<Follower> {
    const follower = new Follower(source);
    await follower.until(() => follower.synced);
    return follower;
  }

  /** `name=value` of all that is served, in order; the values are versions. */
  get served(): string[] {
    return [...this.resources].map(([name, { version }]) => `${name}=${valueOf(version)}`).sort();
  }

  /** `code place` of all problems, in order. */
  get problems(): string[] {
    const all = [...this.#problems.values()].flat();
    return all.map(({ code, at }) => `${code} ${at === undefined ? "" : this.#short(formatPlace(at))}`).sort();
  }

  problem(code: string): Problem {
    const found = [...this.#problems.values()].flat().find((problem) => problem.code === code);
    if (found === undefined) throw new Error(`no problem ${code} among ${JSON.stringify(this.problems)}`);
    return found;
  }

  origin(name: string): string {
    return this.#short(this.resources.get(name)!.origin.describe());
  }

  #short(place: string): string {
    return place.replace(/^.*\/config\//, "");
  }

  /** Waits until a condition holds. A batch may bring it about, or nothing that shows: origins move in silence. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) {
      if (this.#error !== undefined) throw this.#error;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, 20);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }

  async untilServed(...expected: readonly string[]): Promise<void> {
    await this.until(() => this.served.join() === [...expected].sort().join());
  }

  async #consume(): Promise<void> {
    try {
      for await (const batch of this.source.read(this.#abort.signal)) {
        this.#take(batch);
        this.#wake?.();
      }
    } catch (error) {
      this.#error = error;
      this.#wake?.();
    }
  }

  #take(batch: SourceBatch): void {
    this.batches.push(batch);
    switch (batch.kind) {
      case "patch":
        for (const resource of batch.upserts) {
          this.log.push(`+${key(resource)}=${valueOf(resource.version)}`);
          this.resources.set(key(resource), resource);
        }
        for (const deleted of batch.deletes) {
          this.log.push(`-${key(deleted)}`);
          this.resources.delete(key(deleted));
        }
        return;
      case "problems":
        this.log.push(
          `problems ${this.#short(batch.scope)}: ${batch.problems.map(({ code }) => code).join(" ")}`.trim(),
        );
        this.#problems.set(batch.scope, batch.problems);
        return;
      case "degraded":
        this.log.push(`degraded ${batch.reason.code}`);
        this.degraded = batch.reason;
        return;
      case "recovered":
        this.log.push("recovered");
        this.degraded = undefined;
        return;
      case "synced":
        this.log.push("synced");
        this.synced = true;
        return;
      case "progress":
      case "replace":
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#abort.abort();
    await this.#done;
    if (this.#error !== undefined) throw this.#error;
  }
}

function key({ collection, name }: ResourceKey): string {
  return collection === "things" ? name : `${collection}:${name}`;
}

function valueOf(version: string): string {
  return /"value":"?([^"}]*)/.exec(version)?.[1] ?? version;
}
