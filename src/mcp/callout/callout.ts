import { type Metadata, metadataProblem } from "../../grpc/metadata.ts";
import { defaultLimits } from "../../grpc/limits.ts";
import { codeName, codes } from "../../grpc/status.ts";
import type { BackoffOptions } from "../../lib/backoff.ts";
import type { DialLimits } from "../../grpc/dial/limits.ts";
import { type AttemptEnd, reconnecting } from "../../grpc/dial/reconnect.ts";
import { dialTarget } from "../../grpc/dial/target.ts";
import type { SinkView } from "../../serving/view.ts";
import type { SourceStreamDeps } from "../source-stream.ts";
import { SourceStreams } from "../source-streams.ts";
import { type CalledSink, CalledSinkState } from "./called-sink.ts";
import { type AuthOptions, type SinkCredentials, sinkCredentials } from "./credentials.ts";
import { type LineDeps, serveSinkAt } from "./line.ts";
import { type CallOutObserver, silentCallOutObserver } from "./observer.ts";

export interface CallOutOptions extends SourceStreamDeps, AuthOptions {
  /** The sinks to call, each `host:port`, `tcp://host:port` or `unix:///path`. */
  readonly addresses: readonly string[];
  /** Request headers of every stream: the build's version and what `--sink-meta` names. */
  readonly meta: Metadata;
  readonly callOutObserver?: CallOutObserver;
  /** What differs from `sinkLimits`. */
  readonly dialLimits?: Partial<DialLimits>;
  readonly backoff?: BackoffOptions;
}

/** A sink that is called may say no more at a time than one that calls. */
const sinkLimits: Partial<DialLimits> = { maxReceivedMessageBytes: defaultLimits.maxReceivedMessageBytes };

/** A source that calls its sinks. Disposing it cancels every stream and resolves when all sockets are closed. */
export interface CallOut extends AsyncDisposable {
  /** Sinks that are connected. */
  readonly sinkCount: number;
  sinks(): Iterable<SinkView>;
  /** How it stands with each sink that is called, reached or not. */
  readonly called: readonly CalledSink[];
  /** When the oldest push that no answer has come for was sent, as `Clock.now` told; `undefined` when none waits. */
  oldestUnanswered(): number | undefined;
  /** Ends streams whose sinks have owed an answer since before this time (`Clock.now`); the sinks are called again. */
  endUnanswered(before: number): void;
  /** Ends every stream; the sinks are called again later. */
  cancelWatches(): void;
}

/**
 * Calls sinks that don't call by themselves, serves each like one that does, and calls again, with growing, jittered
 * delays, whenever a stream ends. Begins at once.
 * @throws Error when an address or the metadata can't be used, or `GOOGLE` has no source of tokens; GalleyError `GLY_VALUE` when
 * the auth mode is unknown.
 */
export function callOut(options: CallOutOptions): CallOut {
  const addresses = new Set(options.addresses);
  for (const address of addresses) dialTarget(address);
  const problem = metadataProblem(options.meta);
  if (problem !== undefined) throw new Error(problem);
  const credentials = sinkCredentials(options);
  const streams = new SourceStreams(options);
  // One for each line: whatever waits for the end of one listens to its own, however many lines there are.
  const stops = [...addresses].map(() => new AbortController());
  const called = [...addresses].map((address) => new CalledSinkState(address, options.clock));
  const lines = called.map((sink, i) => keepCalling(sink, options, { streams, credentials, signal: stops[i]!.signal }));
  return {
    get sinkCount() {
      return streams.size;
    },
    sinks: () => streams.views(),
    called,
    oldestUnanswered: () => streams.oldestUnanswered(),
    endUnanswered: (before) => streams.endUnanswered(before),
    cancelWatches: () => streams.endAll(),
    async [Symbol.asyncDispose]() {
      for (const stop of stops) stop.abort();
      await Promise.all(lines);
    },
  };
}

interface Shared {
  readonly streams: SourceStreams;
  readonly credentials: SinkCredentials;
  readonly signal: AbortSignal;
}

async function keepCalling(sink: CalledSinkState, options: CallOutOptions, shared: Shared): Promise<void> {
  const { address } = sink;
  const { clock, log, meta, backoff, callOutObserver: observer = silentCallOutObserver } = options;
  const limits = { ...sinkLimits, ...options.dialLimits };
  function connected(): void {
    sink.connected();
    observer.connected(address);
    log.debug("a sink is called", { address });
  }
  function answered(): void {
    log.info("a sink is called and answers", { address });
  }
  function disconnected(end: AttemptEnd, retryMs: number): void {
    const { code, message } = end;
    sink.ended(end, retryMs);
    observer.disconnected(address, code, retryMs);
    log.warn("the stream to a sink ended; it is called again", {
      address,
      code: codeName(code),
      reason: message,
      retrySeconds: Math.round(retryMs / 100) / 10,
    });
  }
  const deps: LineDeps = { ...shared, meta, clock, limits, connected, answered };
  await reconnecting(
    { clock, signal: shared.signal, ...(backoff === undefined ? {} : { backoff }) },
    () => {
      sink.calling();
      return serveSinkAt(address, deps).catch(bug);
    },
    disconnected,
  );

  // As in the server: a bug costs its stream, and nothing else.
  function bug(error: unknown): AttemptEnd {
    const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
    log.error("a stream to a sink threw", { address, error: detail });
    return { code: codes.Internal, message: "internal error", aliveMs: 0 };
  }
}
