import { fromBinary } from "@bufbuild/protobuf";
import { mkdir, mkdtemp, realpath, rename, rm, symlink, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { Observed } from "../../src/grpc/testing/events.ts";
import { type Gateway, GatewaySchema } from "../../src/wire/gen/istio13/networking/v1alpha3/gateway_pb.ts";
import { GalleyProcess, type LogRecord, type ProblemItem } from "../support/galley-process.ts";
import { RawSink } from "../support/raw-sink.ts";

// One server in a process of its own reads one folder all the while. Whatever is put there, it lives, serves what is good,
// keeps what was good, says once what is wrong and where, and forgets it when it is mended.

let root: string;
let folder: string;
let server: GalleyProcess;
let served: Follower;
/** Names of the resources of a test begin with this, and so do its files. */
let own: string;
let count = 0;

beforeAll(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), "galley-bad-input-")));
  folder = join(root, "config");
  await mkdir(folder);
  server = await GalleyProcess.start(folder);
  await server.ready();
  served = new Follower(server.address);
});

afterAll(async () => {
  served[Symbol.dispose]();
  await server[Symbol.asyncDispose]();
  await rm(root, { recursive: true, force: true });
});

beforeEach(() => {
  own = `t${++count}`;
});

afterEach(async () => {
  expect(server.exit).toBeUndefined();
  const left = (await server.problems()).filter(({ file }) => file?.startsWith(join(folder, `${own}-`)));
  expect(left).toEqual([]);
});

/** A sink that takes all Gateways, and knows what it was sent last. */
class Follower extends Observed implements Disposable {
  readonly #sink: RawSink;
  #gateways = new Map<string, Gateway>();

  constructor(address: string) {
    super();
    this.#sink = new RawSink(address);
    this.#sink.send({ collection: "istio/networking/v1alpha3/gateways" });
    void this.#follow().catch(() => undefined); // the server is gone: whoever waits learns it from the process
  }

  get(name: string): Gateway | undefined {
    return this.#gateways.get(`bad/${name}`);
  }

  /** Resolves when these Gateways are served with these ports; without a port one must not be served. */
  async has(ports: Readonly<Record<string, number | undefined>>): Promise<void> {
    await this.until(() =>
      Object.entries(ports).every(([name, port]) => this.get(name)?.servers[0]?.port?.number === port),
    );
  }

  async #follow(): Promise<void> {
    for (;;) {
      const push = await this.#sink.next();
      this.#sink.ack(push);
      this.#gateways = new Map(
        push.resources.map(({ metadata, body }) => [metadata?.name ?? "", fromBinary(GatewaySchema, body!.value)]),
      );
      this.changed();
    }
  }

  [Symbol.dispose](): void {
    this.#sink[Symbol.dispose]();
  }
}

/** A document of nine lines. */
function gateway(name: string, port: number): string {
  return `apiVersion: networking.istio.io/v1alpha3
kind: Gateway
metadata:
  name: ${name}
  namespace: bad
spec:
  servers:
    - port: { number: ${port}, name: http, protocol: HTTP }
      hosts: ["*"]
`;
}

/** Replaces a file of the test in one step, and gives its path. */
async function put(name: string, ...documents: readonly string[]): Promise<string> {
  const path = join(folder, `${own}-${name}`);
  await writeFile(`${path}.new`, documents.join("---\n"));
  await rename(`${path}.new`, path);
  return path;
}

/** What the log says of a file, or of what is wrong in it, since that record. */
function reports(path: string, from: number): readonly LogRecord[] {
  return server.records.slice(from).filter(({ at }) => at === path || String(at).startsWith(`${path}:`));
}

/** Waits until the log says that a problem of a file is there, or gone. */
async function reported(path: string, code: string, isMended: boolean, from: number): Promise<void> {
  await server.happens(() => reports(path, from).some((r) => r["code"] === code && (r.msg === "mended") === isMended));
}

async function problemsOf(path: string): Promise<readonly ProblemItem[]> {
  return (await server.problems()).filter(({ file }) => file === path);
}

const lastGood = "the last good version stays in service";
const untilMended = "not served; what the file held before stays in service until this is mended";
const servedAnyway = "served all the same";

interface BadDocument {
  readonly what: string;
  /** Spoils the nine lines of a good document. */
  readonly spoil: (text: string) => string;
  readonly problem: Partial<ProblemItem>;
  /** Whether the spoiled document is served as it is now, as it was before, or not at all. */
  readonly outcome: "now" | "before" | "gone";
}

/** Ten thousand million values in ten lines. */
const bomb = [
  "bomb:\n  - &l0 [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]\n",
  ...Array.from({ length: 9 }, (_, i) => `  - &l${i + 1} [${Array.from({ length: 10 }, () => `*l${i}`).join(", ")}]\n`),
].join("");

const badDocuments: readonly BadDocument[] = [
  {
    what: "broken YAML",
    spoil: (text) => text.replace("servers:", "servers: ["),
    problem: { severity: "error", code: "yaml-syntax", line: 8, column: 5, action: untilMended },
    outcome: "before",
  },
  {
    what: "a NUL in a comment",
    spoil: (text) => `${text}# \0\n`,
    problem: { severity: "error", code: "not-text", line: 10, column: 3, action: untilMended },
    outcome: "before",
  },
  {
    what: "a tab for an indent",
    spoil: (text) => text.replace("  name:", "\tname:"),
    problem: { severity: "error", code: "yaml-syntax", line: 4, column: 1, action: untilMended },
    outcome: "before",
  },
  {
    what: "a key that is given twice",
    spoil: (text) => `${text}  selector: { a: b }\n  selector: { a: c }\n`,
    problem: { severity: "error", code: "duplicate-key", line: 11, column: 3, action: untilMended },
    outcome: "before",
  },
  {
    what: "aliases that stand for more values than memory holds",
    spoil: (text) => text + bomb,
    problem: { severity: "error", code: "invalid-alias", line: 15, column: 45, action: untilMended },
    outcome: "before",
  },
  {
    what: "nesting without end",
    spoil: (text) => `${text}deep: ${"[".repeat(5000)}${"]".repeat(5000)}\n`,
    problem: { severity: "error", code: "too-deep", line: 10, action: untilMended },
    outcome: "before",
  },
  {
    what: "a mistyped kind",
    spoil: (text) => text.replace("kind: Gateway", "kind: Gatewya"),
    problem: { severity: "warning", code: "unknown-kind", line: 2, column: 1, action: lastGood },
    outcome: "before",
  },
  {
    what: "a kind of somebody else's",
    spoil: (text) => text.replace("kind: Gateway", "kind: Certificate"),
    problem: { severity: "warning", code: "unknown-kind", line: 2, column: 1, action: "the document is ignored" },
    outcome: "gone",
  },
  {
    what: "an unknown field",
    spoil: (text) => `${text}  nonsense: { deep: [1, 2] }\n`,
    problem: { severity: "warning", code: "unknown-field", line: 10, column: 3, action: servedAnyway },
    outcome: "now",
  },
  {
    what: "a text for a number",
    spoil: (text) => text.replace(/number: \d+/, "number: eighty"),
    problem: { severity: "error", code: "wrong-type", line: 8, column: 15, action: lastGood },
    outcome: "before",
  },
  {
    what: "a number for a list",
    spoil: (text) => text.replace('["*"]', "7"),
    problem: { severity: "error", code: "wrong-type", line: 9, column: 7, action: lastGood },
    outcome: "before",
  },
  {
    what: "__proto__ as a field",
    spoil: (text) => `${text}  __proto__: { servers: [], polluted: nonsense }\n`,
    problem: { severity: "warning", code: "unknown-field", line: 10, column: 3, action: servedAnyway },
    outcome: "now",
  },
  {
    what: "__proto__ beside the fields of a document",
    spoil: (text) => `${text}__proto__: { kind: nonsense, metadata: { name: polluted } }\n`,
    problem: { severity: "warning", code: "unknown-field", line: 10, column: 1, action: servedAnyway },
    outcome: "now",
  },
  {
    what: "a text where an object should be",
    spoil: () => "nonsense\n",
    problem: { severity: "error", code: "not-an-object", line: 1, column: 1, action: untilMended },
    outcome: "before",
  },
];

describe("a document with", () => {
  test.each(badDocuments)("$what", async ({ spoil, problem, outcome }) => {
    const [a, b] = [`${own}-a`, `${own}-b`];
    await put("file.yaml", gateway(a, 80), gateway(b, 80));
    await served.has({ [a]: 80, [b]: 80 });

    const from = server.records.length;
    const path = await put("file.yaml", spoil(gateway(a, 81)), gateway(b, 81));
    await reported(path, problem.code!, false, from);
    await served.has({ [a]: { now: 81, before: 80, gone: undefined }[outcome], [b]: 81 });
    expect(await problemsOf(path)).toEqual([expect.objectContaining({ ...problem, file: path, source: "files" })]);
    expect(JSON.stringify(served.get(a) ?? {})).not.toContain("nonsense");
    expect(served.get(a)?.$unknown).toBeUndefined();

    await put("file.yaml", gateway(a, 82), gateway(b, 82));
    await reported(path, problem.code!, true, from);
    await served.has({ [a]: 82, [b]: 82 });
    expect(reports(path, from).map(({ msg, level }) => [level, msg === "mended"])).toEqual([
      [problem.severity === "error" ? "error" : "warn", false],
      ["info", true],
    ]);
  });

  test("slashes in its name", async () => {
    const from = server.records.length;
    const path = await put("file.yaml", gateway("a/b/c", 80), gateway(`${own}-b`, 80));
    await reported(path, "bad-name", false, from);
    await served.has({ "a/b/c": undefined, [`${own}-b`]: 80 });
    expect(await problemsOf(path)).toMatchObject([{ code: "bad-name", line: 4, column: 3, action: "not served" }]);
    await put("file.yaml", gateway(`${own}-a`, 80), gateway(`${own}-b`, 80));
    await reported(path, "bad-name", true, from);
    await served.has({ [`${own}-a`]: 80 });
  });

  test("the name of another, which came first", async () => {
    await put("1.yaml", gateway(`${own}-a`, 80));
    await served.has({ [`${own}-a`]: 80 });
    const from = server.records.length;
    const path = await put("2.yaml", "# a comment\n", gateway(`${own}-a`, 81), gateway(`${own}-b`, 81));
    await reported(path, "duplicate", false, from);
    await served.has({ [`${own}-a`]: 80, [`${own}-b`]: 81 });
    expect(await problemsOf(path)).toMatchObject([
      { severity: "error", code: "duplicate", line: 3, action: "not served", subject: `Gateway bad/${own}-a` },
    ]);
    await rm(join(folder, `${own}-1.yaml`));
    await reported(path, "duplicate", true, from);
    await served.has({ [`${own}-a`]: 81, [`${own}-b`]: 81 });
  });
});

interface BadFile {
  readonly what: string;
  readonly code: string;
  /** What is done about it; nothing of the file is read unless told. */
  readonly action?: string;
  /** Makes what is to take the place of a file; gets where to, and the place it will take. */
  readonly make: (path: string, place: string) => Promise<void>;
}

const badFiles: readonly BadFile[] = [
  {
    what: "bytes that are no text",
    code: "not-text",
    action: untilMended,
    make: (path) =>
      writeFile(
        path,
        Uint8Array.from({ length: 5000 }, (_, i) => (i * 7919) % 256),
      ),
  },
  {
    what: "text in UTF-16",
    code: "not-text",
    make: (path) => writeFile(path, `\ufeff${gateway("utf16", 80)}`, "utf16le"),
  },
  {
    what: "a hundred megabytes",
    code: "file-too-large",
    async make(path) {
      await writeFile(path, "");
      await truncate(path, 100 * 1024 * 1024);
    },
  },
  {
    // Root may read what no permission allows, so a link to itself stands for all that can't be opened.
    what: "nothing that can be opened",
    code: "file-unreadable",
    make: (path, place) => symlink(place, path),
  },
];

describe("a file of", () => {
  test.each(badFiles)("$what", async ({ code, make, action = "what was read from it before stays in service" }) => {
    const [a, b] = [`${own}-a`, `${own}-b`];
    const path = await put("file.yaml", gateway(a, 80));
    await put("other.yaml", gateway(b, 80));
    await served.has({ [a]: 80, [b]: 80 });

    const from = server.records.length;
    await make(`${path}.new`, path);
    await rename(`${path}.new`, path);
    await reported(path, code, false, from);
    await put("other.yaml", gateway(b, 81));
    await served.has({ [a]: 80, [b]: 81 });
    expect(await problemsOf(path)).toEqual([expect.objectContaining({ severity: "error", code, action })]);

    await put("file.yaml", gateway(a, 82));
    await reported(path, code, true, from);
    await served.has({ [a]: 82, [b]: 81 });
    expect(reports(path, from).map(({ msg }) => msg === "mended")).toEqual([false, true]);
  });
});

describe("a folder", () => {
  test("that disappears and comes back is missed, and all that it held stays in service meanwhile", async () => {
    await put("file.yaml", gateway(`${own}-a`, 80));
    await served.has({ [`${own}-a`]: 80 });
    const from = server.records.length;
    await rename(folder, join(root, "elsewhere"));
    await reported(folder, "folder-missing", false, from);
    const [problem] = await problemsOf(folder);
    expect(problem).toMatchObject({ severity: "error", message: expect.stringContaining("does not exist") as string });
    await served.has({ [`${own}-a`]: 80 });

    await rename(join(root, "elsewhere"), folder);
    await reported(folder, "folder-missing", true, from);
    await put("file.yaml", gateway(`${own}-a`, 81));
    await served.has({ [`${own}-a`]: 81 });
  });

  test("that is a file, then a link to itself, is told of, and is served as soon as it is a folder", async () => {
    const path = join(root, "no-folder");
    await writeFile(path, gateway(`${own}-a`, 80));
    await using other = await GalleyProcess.start(path);
    const says = async (code: string): Promise<void> => {
      await other.record((record) => record["at"] === path && record["code"] === code && record.msg !== "mended");
      expect((await other.problems()).map((problem) => [problem.code, problem.file])).toEqual([[code, path]]);
    };
    await says("not-a-folder");
    await symlink(path, `${path}.new`);
    await rename(`${path}.new`, path);
    await says("folder-unreadable");
    await rm(path);
    await mkdir(path);
    await other.ready();
    expect(await other.problems()).toEqual([]);
    expect(other.exit).toBeUndefined();
  });
});
