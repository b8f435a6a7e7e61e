import type { MessageInitShape } from "@bufbuild/protobuf";
import type { RequestResourcesSchema, Resources } from "../../../src/wire/gen/istio13/mcp/v1alpha1/mcp_pb.ts";
import { RawSink } from "../../support/raw-sink.ts";

/** How long a source that has nothing to say is listened to, milliseconds: Istio's Galley waits up to 1.5 s for more. */
const SILENCE_MS = 2_500;

/** A conversation with a source, written down so that versions and nonces, which are each server's own, do not matter. */
export class Conversation implements Disposable {
  /** What was said, in order. */
  readonly lines: string[] = [];
  readonly #sink: RawSink;
  readonly #names = new Map<string, string>();
  #last: Resources | undefined;

  constructor(address: string) {
    this.#sink = new RawSink(address);
  }

  /** Sends a request. */
  say(request: MessageInitShape<typeof RequestResourcesSchema>): void {
    const { collection = "", responseNonce = "", errorDetail, incremental } = request;
    const parts = [short(collection), this.#alias("nonce", responseNonce)];
    if (errorDetail !== undefined) parts.push("refused");
    if (incremental === true) parts.push("incremental");
    this.lines.push(`sink: ${parts.join(" ")}`);
    this.#sink.send(request);
  }

  /** Takes in the push that came last. */
  accept(incremental = false): void {
    const { collection, nonce } = this.#last!;
    this.say({ collection, responseNonce: nonce, incremental });
  }

  /** Refuses the push that came last. */
  refuse(): void {
    const { collection, nonce } = this.#last!;
    this.say({ collection, responseNonce: nonce, errorDetail: { code: 3, message: "refused by the test" } });
  }

  /** Takes the next push. */
  async hear(): Promise<void> {
    const push = (this.#last = await this.#sink.next());
    const resources = push.resources
      .toSorted((a, b) => ((a.metadata?.name ?? "") < (b.metadata?.name ?? "") ? -1 : 1))
      .map(({ metadata, body }) => {
        const { name = "", version = "", labels = {}, annotations = {}, createTime } = metadata ?? {};
        const created = createTime === undefined ? "never" : `${createTime.seconds}.${createTime.nanos}`;
        const extra = JSON.stringify([labels, annotations]);
        return `${name} ${this.#alias("version", `${name} ${version}`)} created ${created} ${extra} ${body?.typeUrl}`;
      });
    const { collection, systemVersionInfo, nonce, incremental, removedResources } = push;
    const version = this.#alias("system version", `${collection} ${systemVersionInfo}`);
    const flags = `${incremental ? "incremental" : "everything"} without [${removedResources.join()}]`;
    this.lines.push(
      `source: ${short(collection)} ${version} ${this.#alias("nonce", nonce)} ${flags} [${resources.join("; ")}]`,
    );
  }

  /** Listens for a while, to a source that may have nothing to say. */
  async listen(): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, SILENCE_MS));
    if (this.#sink.unread === 0) this.lines.push("silence");
    while (this.#sink.unread > 0) await this.hear();
  }

  /** Ends the sink's side, and writes down how the source ends the stream. */
  async end(): Promise<void> {
    this.#sink.halfClose();
    await this.ended();
  }

  async ended(): Promise<void> {
    const { code, details } = await this.#sink.status;
    this.lines.push(`end: ${code} ${details}`);
  }

  [Symbol.dispose](): void {
    this.#sink[Symbol.dispose]();
  }

  #alias(kind: string, value: string): string {
    if (value === "") return `no ${kind}`;
    const key = `${kind} ${value}`;
    const count = [...this.#names.keys()].filter((known) => known.startsWith(`${kind} `)).length;
    if (!this.#names.has(key)) this.#names.set(key, `${kind} ${count + 1}`);
    return this.#names.get(key)!;
  }
}

function short(collection: string): string {
  return collection.slice(collection.lastIndexOf("/") + 1);
}
