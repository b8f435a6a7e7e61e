import type { CollectionSpec } from "../../src/model/collections.ts";
import { CollectionRegistry } from "../../src/model/collections.ts";
import type { Collection } from "../../src/model/names.ts";
import { istioCollections } from "../../src/model/registry.ts";
import { codeName } from "../../src/grpc/status.ts";
import type { BucketOptions } from "../../src/lib/token-bucket.ts";
import { publishWindow } from "../../src/runtime/publisher.ts";
import type { Source, SourceBatch } from "../../src/sources/source.ts";
import type { Resources } from "../../src/wire/gen/istio13/mcp/v1alpha1/mcp_pb.ts";
import { MemoryServer, settled } from "../support/memory-server.ts";
import { MemorySink } from "../support/memory-sink.ts";
import { makeResource } from "../support/resources.ts";

const istio = "istio/networking/v1alpha3/";
const told: ReadonlySet<string> = new Set(["gateways", "virtualservices", "serviceentries"]);
const registry = new CollectionRegistry(
  istioCollections().all.filter((spec: CollectionSpec) => told.has(spec.name.slice(istio.length))),
);

/** Versions by name. */
export type Content = Readonly<Record<string, string>>;

/** A conversation between a sink and the server, written down as it happens. */
export class Story {
  readonly #lines: string[] = [];
  readonly #limit: BucketOptions | undefined;
  #files = new Files();
  #server: MemoryServer;
  #sink: MemorySink | undefined;
  #isReading = true;
  #saw = { headers: false, end: false };

  constructor(title: string, about: string, limit?: BucketOptions) {
    this.#lines.push(title, "=".repeat(title.length), "", about, "");
    this.#limit = limit;
    this.#server = this.#start();
  }

  get text(): string {
    return `${this.#lines.join("\n")}\n`;
  }

  /** The operator changes what there is of a collection, a while after whatever was before. */
  async operator(what: string, collection: string, content: Content): Promise<void> {
    this.#server.clock.advance(2 * publishWindow.minMs);
    this.#lines.push(`operator: ${what}`);
    this.#files.replace(collection, content);
    await this.#listen();
  }

  /** The server has read everything that there was at its start. */
  async read(): Promise<void> {
    this.#lines.push("server: has read all files");
    this.#files.say({ kind: "synced" });
    await this.#listen();
  }

  async wait(ms: number): Promise<void> {
    this.#lines.push(`(${ms} ms pass)`);
    this.#server.clock.advance(ms);
    await this.#listen();
  }

  /** @param windowBytes what the connection takes of the server before the sink reads */
  async connect(windowBytes?: number): Promise<void> {
    this.#lines.push("sink   → connects");
    this.#sink = new MemorySink(this.#server, windowBytes);
    this.#saw = { headers: false, end: false };
    await this.#listen();
  }

  async subscribe(collection: string, options: { deltas?: boolean; keeps?: Content } = {}): Promise<void> {
    const { deltas = false, keeps } = options;
    const holding = keeps === undefined ? "" : ` holding ${list(Object.entries(keeps))}`;
    const request = { collection: fullName(collection), incremental: deltas, initialResourceVersions: keeps ?? {} };
    await this.#say(`subscribe ${collection}${deltas ? " incremental" : ""}${holding}`, request);
  }

  async ack(collection: string, nonce: string, deltas = false): Promise<void> {
    const request = { collection: fullName(collection), responseNonce: nonce, incremental: deltas };
    await this.#say(`ack ${collection} nonce=${nonce}${deltas ? " incremental" : ""}`, request);
  }

  async nack(collection: string, nonce: string, message: string, deltas = false): Promise<void> {
    const errorDetail = { code: 3, message };
    const request = { collection: fullName(collection), responseNonce: nonce, incremental: deltas, errorDetail };
    await this.#say(`nack ${collection} nonce=${nonce}${deltas ? " incremental" : ""} "${message}"`, request);
  }

  /** Something that is no ordinary request. */
  async sayOdd(words: string, request: Parameters<MemorySink["send"]>[0]): Promise<void> {
    await this.#say(words, request);
  }

  /** The sink stops reading, or begins again. */
  async reading(isReading: boolean): Promise<void> {
    this.#lines.push(`sink   : ${isReading ? "reads again" : "stops reading"}`);
    this.#isReading = isReading;
    await this.#listen();
  }

  async breakOff(): Promise<void> {
    this.#lines.push("(the connection breaks)");
    this.#sink!.call.lose();
    this.#sink = undefined;
    await this.#listen();
  }

  async shutDown(): Promise<void> {
    this.#lines.push("server: shuts down");
    await this.#server.stop();
    await this.#listen();
  }

  /** Another server takes the place of the one that was shut down. */
  startAgain(): void {
    this.#lines.push("server: starts");
    this.#server = this.#start();
  }

  #start(): MemoryServer {
    this.#files = new Files();
    return new MemoryServer({ registry, sources: [this.#files], mcp: { ...(this.#limit && { limit: this.#limit }) } });
  }

  async #say(words: string, request: Parameters<MemorySink["send"]>[0]): Promise<void> {
    this.#lines.push(`sink   → ${words}`);
    this.#sink!.send(request);
    await this.#listen();
  }

  /** Writes down what the sink hears by now. */
  async #listen(): Promise<void> {
    for (let i = 0; i < 5; i++) {
      await settled();
      this.#server.clock.advance(0);
      if (this.#isReading) this.#sink?.call.read();
    }
    this.#lines.push(...this.#heard().map((line) => `source → ${line}`));
  }

  #heard(): string[] {
    const sink = this.#sink;
    if (sink === undefined) return [];
    const lines: string[] = [];
    if (sink.metadata !== undefined && !this.#saw.headers) {
      this.#saw.headers = true;
      lines.push(`headers ${sink.metadata.map(([key, value]) => `${key}=${value}`).join(" ")}`);
    }
    lines.push(...sink.unread.splice(0).map(describe));
    if (sink.status !== undefined && !this.#saw.end) {
      this.#saw.end = true;
      const how = sink.status === "broken" ? "broken" : `${codeName(sink.status.code)}: ${sink.status.message}`;
      lines.push(`end of stream, ${how}`);
      this.#sink = undefined;
    }
    return lines;
  }
}

function describe({ collection, nonce, incremental, resources, removedResources }: Resources): string {
  const carried = list(resources.map((r) => [r.metadata?.name ?? "", r.metadata?.version ?? ""]));
  const removes = incremental && removedResources.length > 0 ? ` removes [${removedResources.join(" ")}]` : "";
  return `push ${collection.slice(istio.length)} nonce=${nonce} ${incremental ? "delta" : "full"} ${carried}${removes}`;
}

function list(entries: readonly (readonly [name: string, version: string])[]): string {
  return `[${entries.map(([name, version]) => `${name}@${version}`).join(" ")}]`;
}

function fullName(collection: string): string {
  return told.has(collection) ? `${istio}${collection}` : collection;
}

/** The operator's files: a source that says what the story has it say. */
class Files implements Source {
  readonly name = "files";
  readonly #sayings: SourceBatch[] = [];
  #wake: (() => void) | undefined;

  say(batch: SourceBatch): void {
    this.#sayings.push(batch);
    this.#wake?.();
  }

  replace(collection: string, content: Content): void {
    const name = fullName(collection) as Collection;
    const resources = Object.entries(content).map(([key, version]) => makeResource(name, key, version));
    this.say({ kind: "replace", collection: name, resources });
  }

  async *read(signal: AbortSignal): AsyncIterable<SourceBatch> {
    signal.addEventListener("abort", () => this.#wake?.());
    while (!signal.aborted) {
      const batch = this.#sayings.shift();
      if (batch !== undefined) yield batch;
      else {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      }
    }
  }
}
