import { fromBinary } from "@bufbuild/protobuf";
import { type Resources, ResourcesSchema } from "../../src/wire/gen/istio13/mcp/v1alpha1/mcp_pb.ts";
import type { BucketOptions } from "../../src/lib/token-bucket.ts";
import { type Content, seen } from "./content.ts";
import type { Findings } from "./findings.ts";
import { checkPush } from "./push-content.ts";
import type { Truth, Versions } from "./truth.ts";

/** What a sink says of a collection. */
export type SinkRequest =
  | { readonly kind: "subscribe"; readonly collection: string; readonly incremental: boolean; readonly kept: Content }
  | {
      readonly kind: "ack" | "nack";
      readonly collection: string;
      readonly nonce: string;
      readonly incremental: boolean;
    };

/** One collection of the stream, as docs/spec/mcp-source.md has it, in plain values. */
interface Watch {
  incremental: boolean;
  /** What the sink can be known to hold. */
  held: Content | undefined;
  seen: string | undefined;
  unanswered: { readonly nonce: string; readonly version: string; readonly at: number } | undefined;
  /** How many versions had been published when it was sent something last. */
  revision: number;
}

export interface OracleDeps {
  readonly truth: Truth;
  readonly versions: Versions;
  readonly findings: Findings;
  readonly deltas: boolean;
  readonly limit: BucketOptions;
  /** Milliseconds. */
  readonly now: () => number;
}

/**
 * Judges what the server does on one stream, at the moment when it does it: what it makes of each request that reached it, and
 * each message that it hands to the transport. Written from the specification, not from the code.
 */
export class Oracle {
  readonly #deps: OracleDeps;
  readonly #watches = new Map<string, Watch>();
  /** Subscribes that reached the server and wait for a token. */
  readonly #waiting = new Map<string, SinkRequest & { kind: "subscribe" }>();
  #arriving: SinkRequest | undefined;
  readonly #openedAt: number;
  #subscribed = 0;
  #nonce = 0;

  constructor(deps: OracleDeps) {
    this.#deps = deps;
    this.#openedAt = deps.now();
  }

  /** Whether a subscribe waits for a token. */
  get isWaiting(): boolean {
    return this.#waiting.size > 0;
  }

  /** Runs `deliver`, by which the request reaches the server. */
  arrives(request: SinkRequest, deliver: () => void): void {
    this.#arriving = request;
    deliver();
    const unjudged = this.#arriving;
    this.#arriving = undefined;
    if (unjudged === undefined) return;
    this.#check(unjudged.kind === "subscribe", `an ${unjudged.kind} has to wait`);
    if (unjudged.kind === "subscribe") this.#waiting.set(unjudged.collection, unjudged);
  }

  /** The server made this of a request: the one that is arriving, or a subscribe that waited. */
  judged(collection: string, verdict: string): void {
    const waited = this.#arriving === undefined;
    const request = this.#arriving ?? this.#waiting.get(collection);
    this.#arriving = undefined;
    if (request === undefined || request.collection !== collection) {
      this.#check(false, `I6: ${verdict}, of ${collection}, answers nothing that was asked`);
      return;
    }
    this.#deps.findings.met(verdict);
    if (request.kind === "subscribe") {
      this.#waiting.delete(collection);
      this.#subscribes(request, verdict, waited);
    } else this.#answers(request, verdict);
  }

  #subscribes(request: SinkRequest & { kind: "subscribe" }, verdict: string, waited: boolean): void {
    const { collection, incremental, kept } = request;
    const watch = this.#watches.get(collection);
    this.#expect("I4", verdict, watch === undefined ? "subscribed" : "resubscribed", request);
    const { burst, perSecond } = this.#deps.limit;
    const allowed = burst + ((this.#deps.now() - this.#openedAt) / 1000) * perSecond;
    this.#check(++this.#subscribed <= allowed, `${this.#subscribed} subscribes were let through, ${allowed} may be`);
    // I4: it is no answer. What it names as kept may be out of date once it has waited behind answers.
    if (watch?.unanswered !== undefined) {
      watch.incremental = incremental;
      return;
    }
    const overtaken = waited && watch !== undefined;
    if (overtaken) this.#deps.findings.met("a subscribe that answers overtook");
    const named = incremental && kept.size > 0 && !overtaken;
    this.#watches.set(collection, {
      incremental,
      held: named ? kept : undefined,
      seen: undefined,
      unanswered: undefined,
      revision: watch?.revision ?? this.#deps.truth.revision(collection),
    });
  }

  #answers(request: SinkRequest & { kind: "ack" | "nack" }, verdict: string): void {
    const { collection, kind, nonce, incremental } = request;
    const watch = this.#watches.get(collection);
    const answered = watch?.unanswered;
    if (watch === undefined || answered === undefined || answered.nonce !== nonce) {
      this.#expect("I8", verdict, "stale", request); // I8: and nothing changes
      return;
    }
    this.#expect("I6", verdict, `${kind}ed`, request);
    watch.incremental = incremental;
    watch.seen = answered.version;
    watch.unanswered = undefined;
    // I6: only an ACK changes what the sink is taken to hold.
    if (kind === "ack") watch.held = seen(collection, this.#deps.versions.of(answered.version));
  }

  /** The server hands a message to the transport. */
  sends(bytes: Uint8Array): void {
    const message = fromBinary(ResourcesSchema, bytes);
    const { collection, nonce, systemVersionInfo: version } = message;
    this.#nonce++;
    this.#check(nonce === String(this.#nonce), `the nonce of push ${this.#nonce} is ${JSON.stringify(nonce)}`);
    const watch = this.#watches.get(collection);
    if (watch === undefined) {
      this.#check(false, `I3: ${collection} is sent, and nobody asked`);
      return;
    }
    this.#check(watch.unanswered === undefined, `I2: push ${nonce} of ${collection} follows one that is unanswered`);
    const latest = this.#deps.truth.latest(collection);
    this.#check(
      version === latest,
      `I11: push ${nonce} of ${collection} has version ${version}; published is ${latest}`,
    );
    this.#check(version !== watch.seen, `I5: push ${nonce} of ${collection} sends an answered version again`);
    const now = seen(collection, this.#deps.versions.of(version));
    const wish = watch.incremental && this.#deps.deltas;
    this.#note(message, watch);
    checkPush(message, { wish, held: watch.held, now }, this.#deps.findings);
    watch.unanswered = { nonce, version, at: this.#deps.now() };
  }

  /** Whether the sink has owed an answer since before that time. */
  isOwedSince(before: number): boolean {
    return [...this.#watches.values()].some(({ unanswered }) => unanswered !== undefined && unanswered.at < before);
  }

  /** The server has done all that it had to do: whoever owes no answer has been sent the newest of what it asked for (I3). */
  rests(): void {
    for (const [collection, { seen, unanswered }] of this.#watches) {
      const latest = this.#deps.truth.latest(collection);
      const behind = unanswered === undefined && seen !== latest;
      this.#check(!behind, `I3: ${collection} was answered with ${seen}, published is ${latest}, and nothing is sent`);
    }
  }

  #note({ collection, incremental, removedResources }: Resources, watch: Watch): void {
    const { truth, findings } = this.#deps;
    findings.met(incremental ? "a delta" : "everything");
    if (removedResources.length > 0) findings.met("removals");
    if (incremental && watch.seen === undefined) findings.met("a resume");
    const revision = truth.revision(collection);
    if (revision > watch.revision + 1) findings.met("versions that were never sent");
    watch.revision = revision;
  }

  #expect(invariant: string, verdict: string, expected: string, request: SinkRequest): void {
    const what = request.kind === "subscribe" ? "subscribe" : `${request.kind} of nonce ${request.nonce}`;
    this.#check(
      verdict === expected,
      `${invariant}: the ${what} for ${request.collection} is ${verdict}, not ${expected}`,
    );
  }

  #check(holds: boolean, otherwise: string): void {
    this.#deps.findings.check(holds, otherwise);
  }
}
