import { codes } from "../../grpc/status.ts";
import { systemClock } from "../../lib/clock.ts";
import type { BackoffOptions } from "../../lib/backoff.ts";
import { orAborted } from "../../mcp/dial/or-aborted.ts";
import { type AttemptEnd, reconnecting } from "../../mcp/dial/reconnect.ts";
import { ClientStream } from "../../mcp/dial/stream.ts";
import type { ClientTls } from "../../mcp/dial/tls.ts";
import { InMemoryStore } from "../../mcp/sink/store.ts";
import type { XdsChange } from "../../xds/client/change.ts";
import type { XdsNode } from "../../xds/client/request.ts";
import type { XdsMode } from "../../xds/client/response.ts";
import { type Dialect, XdsSubscriptions } from "../../xds/client/subscriptions.ts";
import { DELTA, STATE_OF_THE_WORLD } from "../../xds/protocol.ts";
import { MESH_CONFIG_URL } from "../../xds/releases-kinds.ts";
import type { Session, WatchEnd } from "./session.ts";

/** What is watched, and as whom. */
export interface XdsPlan {
  readonly node: XdsNode;
  readonly typeUrls: readonly string[];
  readonly mode: XdsMode;
  readonly dialect: Dialect;
  readonly backoff?: BackoffOptions;
}

/** Answers that may wait for a server to read them: one that pushes on and never reads must not fill the memory. */
const MAX_UNSENT = 10_000;

/** Watches as a client of aggregated discovery until stopped; reconnects with growing delays. */
export async function watchXds(plan: XdsPlan, session: Session): Promise<WatchEnd> {
  const { backoff } = plan;
  const client = new XdsClient(plan, session);
  await reconnecting(
    { clock: systemClock, signal: session.signal, ...(backoff === undefined ? {} : { backoff }) },
    () => client.converse(),
    ({ code, message }, retryMs) => session.note({ kind: "disconnected", code, message, retryMs }),
  );
  return { kind: "stopped", missing: client.missing };
}

const stopped: AttemptEnd = { code: codes.Canceled, message: "stopped", aliveMs: 0 };

/** Sends what the subscriptions say, and shows what comes of it. */
class XdsClient {
  readonly #session: Session;
  readonly #mode: XdsMode;
  readonly #subscriptions: XdsSubscriptions;
  readonly #store = new InMemoryStore();
  readonly #missing: Set<string>;

  constructor(plan: XdsPlan, session: Session) {
    this.#session = session;
    this.#mode = plan.mode;
    this.#subscriptions = new XdsSubscriptions(plan);
    this.#missing = new Set(plan.typeUrls);
    // istiod's request for it may stay without an answer (docs/spec/xds.md, MeshConfig), so it is waited for only alone.
    if (plan.dialect === "istiod" && plan.typeUrls.length > 1) this.#missing.delete(MESH_CONFIG_URL);
  }

  /** What has never come. */
  get missing(): readonly string[] {
    return [...this.#missing];
  }

  /** Holds the conversation on one stream, from its connection to the closing of its socket. */
  async converse(): Promise<AttemptEnd> {
    const { address, signal, note } = this.#session;
    const tls = await orAborted(this.#credentials(), signal);
    if (tls === undefined) return stopped;
    if (!tls.ok) return tls.end;
    const method = this.#mode === "delta" ? DELTA : STATE_OF_THE_WORLD;
    await using stream = new ClientStream({ address, method, clock: systemClock, tls: tls.settings });
    for (const request of this.#subscriptions.opening()) post(stream, request);
    for (;;) {
      const incoming = await orAborted(stream.next(), signal);
      if (incoming === undefined) return stopped;
      if (incoming.kind === "end") return incoming.end;
      if (incoming.kind === "headers") note({ kind: "connected" });
      if (incoming.kind === "message") this.#take(stream, incoming.bytes);
    }
  }

  #take(stream: ClientStream, bytes: Uint8Array): void {
    const { note } = this.#session;
    const received = this.#subscriptions.receive(bytes);
    switch (received.kind) {
      case "change":
        this.#apply(received.change);
        post(stream, this.#subscriptions.ack(received.change, received.nonce));
        return;
      case "refused": {
        const { typeUrl, nonce, refusal } = received;
        note({ kind: "nacked", subject: typeUrl, message: refusal.message });
        post(stream, this.#subscriptions.nack(typeUrl, nonce, refusal));
        return;
      }
      case "unasked":
        note({ kind: "unasked", subject: received.typeUrl });
        return;
      case "garbage":
        stream.cancel(codes.Internal, "the server sent a message that is not of xDS");
        return;
    }
  }

  #apply(change: XdsChange): void {
    const { typeUrl, version } = change;
    const first = this.#store.get(typeUrl) === undefined;
    const effects = this.#store.apply({ ...change, collection: typeUrl });
    this.#session.arrived({ subject: typeUrl, version, effects, first, at: this.#session.wall() });
    if (this.#missing.delete(typeUrl) && this.#missing.size === 0) this.#session.complete();
  }

  /** Files that are not there yet, or are just being replaced, are a reason to try again later. */
  async #credentials(): Promise<
    { readonly ok: true; readonly settings: ClientTls | undefined } | { readonly ok: false; readonly end: AttemptEnd }
  > {
    try {
      return { ok: true, settings: await this.#session.tls?.() };
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      return { ok: false, end: { code: codes.Unavailable, message: `no TLS credentials: ${why}`, aliveMs: 0 } };
    }
  }
}

function post(stream: ClientStream, bytes: Uint8Array): void {
  // Not awaited: a server may be blocked on a push to us while our answer waits for it to read.
  void stream.send(bytes);
  if (stream.unsent > MAX_UNSENT) stream.cancel(codes.ResourceExhausted, "the server reads no answers");
}
