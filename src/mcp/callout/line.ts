import { type Metadata, metadataProblem } from "../../grpc/metadata.ts";
import type { Closed, StreamHandler } from "../../grpc/method.ts";
import { type Code, codes, type Status, status } from "../../grpc/status.ts";
import type { Clock } from "../../lib/clock.ts";
import { concat, stringField } from "../../wire/fields.ts";
import type { DialLimits } from "../../grpc/dial/limits.ts";
import { orAborted } from "../../grpc/dial/or-aborted.ts";
import type { AttemptEnd } from "../../grpc/dial/reconnect.ts";
import { ClientStream } from "../../grpc/dial/stream.ts";
import { SINK_STREAM, TRIGGER_COLLECTION } from "../protocol.ts";
import type { SinkPort } from "../../serving/sink-stream.ts";
import type { SourceStreams } from "../source-streams.ts";
import type { SinkCredentials } from "./credentials.ts";
import { Valve } from "./valve.ts";

/** What the streams to sinks are made of. */
export interface LineDeps {
  readonly streams: SourceStreams;
  readonly credentials: SinkCredentials;
  /** Request headers of every stream: the build's version and what `--sink-meta` names. */
  readonly meta: Metadata;
  readonly clock: Clock;
  readonly limits: Partial<DialLimits> | undefined;
  /** Ends the stream. */
  readonly signal: AbortSignal;
  /** Told when the connection stands, and the call is on its way. */
  readonly connected: () => void;
  /** Told when the first word of the sink comes: its response headers. */
  readonly answered: () => void;
}

/** A `Resources` with nothing but a collection that doesn't exist: some sinks don't wake up before something comes. */
const trigger: Uint8Array = stringField(2, TRIGGER_COLLECTION);

/**
 * Serves one sink on one stream, from the dialling to the closing of the socket. Whatever ends the stream, it is cancelled,
 * so none is left open behind.
 */
export async function serveSinkAt(address: string, deps: LineDeps): Promise<AttemptEnd> {
  const { credentials, meta, clock, limits, signal } = deps;
  const proof = await orAborted(prove(credentials), signal);
  if (proof === undefined || signal.aborted) return stopped;
  if (!proof.ok) return proof.end;
  const metadata = [...meta, ...proof.headers];
  await using stream = new ClientStream({
    address,
    method: SINK_STREAM,
    clock,
    tls: credentials.tls,
    metadata,
    limits,
  });
  const stop = (): void => stream.cancel(stopped.code, stopped.message);
  signal.addEventListener("abort", stop, { once: true });
  try {
    return await converse(address, stream, deps);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

async function converse(address: string, stream: ClientStream, deps: LineDeps): Promise<AttemptEnd> {
  let endedHere: Status | undefined;
  const valve = new Valve();
  const port: SinkPort = {
    peer: { address },
    send: (pieces) => stream.send(concat(pieces)),
    pause: () => valve.close(),
    resume: () => valve.open(),
    end(how) {
      endedHere = how;
      stream.cancel(how.code, how.message);
    },
  };
  let source: StreamHandler | undefined;
  let closed: Closed = { kind: "failed", status: status("Internal", "internal error") };
  try {
    void stream.send(trigger);
    for (;;) {
      if (valve.opened !== undefined) await orAborted(valve.opened, stream.signal);
      const incoming = await stream.next();
      if (incoming.kind === "message") source?.message(incoming.bytes);
      else if (incoming.kind === "connected") {
        // A sink counts from here: one that can't be reached is none.
        source = deps.streams.serve(port);
        deps.connected();
      } else if (incoming.kind === "headers") deps.answered();
      else if (incoming.kind === "end") {
        closed = reasonOf(incoming.end, endedHere);
        return incoming.end;
      }
    }
  } finally {
    source?.closed(closed);
  }
}

const stopped: AttemptEnd = { code: codes.Canceled, message: "stopped", aliveMs: 0 };

/** What the end of a call means to the source: a sink that ends it well, or that we leave, has not failed. */
function reasonOf({ code, message }: AttemptEnd, endedHere: Status | undefined): Closed {
  if (endedHere !== undefined) return { kind: "ended", status: endedHere };
  if (code === codes.OK || code === codes.Canceled) return { kind: "cancelled" };
  return { kind: "failed", status: { code: code as Code, message } };
}

type Proof = { readonly ok: true; readonly headers: Metadata } | { readonly ok: false; readonly end: AttemptEnd };

/** A token that can't be had now may be had later. */
async function prove(credentials: SinkCredentials): Promise<Proof> {
  try {
    const headers = await credentials.headers();
    const problem = metadataProblem(headers);
    if (problem !== undefined) throw new Error(problem);
    return { ok: true, headers };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { ok: false, end: { code: codes.Unavailable, message: `no access token: ${why}`, aliveMs: 0 } };
  }
}
