import type { Resources } from "../../src/wire/gen/istio13/mcp/v1alpha1/mcp_pb.ts";
import { seen, textOf } from "./content.ts";
import { identities, type Paper } from "./door/papers.ts";
import type { Findings } from "./findings.ts";
import type { Line } from "./line.ts";
import type { SinkRequest } from "./oracle.ts";
import type { SinkShape } from "./shape.ts";
import type { Versions } from "./truth.ts";

/** A sink as a process: what it holds outlives its streams. It does what the protocol says, at whatever pace it is driven. */
export class Sink {
  readonly name: string;
  readonly wants: readonly string[];
  /** How often it reads when it could. */
  readonly pace: number;
  /** Whether it asks for deltas. */
  incremental: boolean;
  /** The certificate that it shows where it is asked for one. */
  paper: Paper;
  /** The stream that it has, if any. */
  line: Line | undefined;
  readonly #content = new Map<string, Map<string, string>>();
  readonly #versions: Versions;
  readonly #findings: Findings;

  /** @param index tells it from others; below the number of identities */
  constructor(index: number, { wants, incremental, pace }: SinkShape, versions: Versions, findings: Findings) {
    this.name = `sink${index}`;
    this.paper = { issuer: "first", uri: identities[index]! };
    this.wants = wants;
    this.pace = pace;
    this.incremental = incremental;
    this.#versions = versions;
    this.#findings = findings;
  }

  content(collection: string): Map<string, string> {
    let content = this.#content.get(collection);
    if (content === undefined) this.#content.set(collection, (content = new Map()));
    return content;
  }

  /** Starts afresh, or with what it had on disk, which may be from long ago and another server. */
  restart(keeps: boolean): void {
    this.line = undefined;
    if (!keeps) this.#content.clear();
    else for (const collection of this.wants) this.content(collection).set("ns/long-gone", "of another age");
  }

  /** A first or another request for a collection; `names` what it holds, if so wanted. */
  subscribe(collection: string, names: boolean): SinkRequest {
    const kept = names && this.incremental ? new Map(this.content(collection)) : new Map<string, string>();
    return { kind: "subscribe", collection, incremental: this.incremental, kept };
  }

  /** Answers a push that came; an ACK means that it is applied. */
  answer(message: Resources, kind: "ack" | "nack"): SinkRequest {
    if (kind === "ack") this.#apply(message);
    return { kind, collection: message.collection, nonce: message.nonce, incremental: this.incremental };
  }

  #apply({ collection, incremental, resources, removedResources, systemVersionInfo, nonce }: Resources): void {
    const content = this.content(collection);
    if (!incremental) content.clear();
    for (const { metadata } of resources) content.set(metadata!.name, metadata!.version);
    if (incremental) for (const name of removedResources) content.delete(name);
    const meant = seen(collection, this.#versions.of(systemVersionInfo));
    const same = textOf(content) === textOf(meant);
    const holds = `${this.name} holds ${textOf(content)} of ${collection}`;
    this.#findings.check(same, `I7: after push ${nonce} ${holds}; ${systemVersionInfo} is ${textOf(meant)}`);
  }
}
