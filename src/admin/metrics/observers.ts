import type { Clock } from "../../lib/clock.ts";
import type { Metrics } from "./create.ts";
import { codeName, codeNumber } from "./grpc-codes.ts";

/** What the serving side of one protocol reports of its streams. */
export interface ServingMetrics {
  streamOpened(): void;
  streamClosed(): void;
  /** @param bytes encoded size of the request */
  requestReceived(collection: string | undefined, bytes: number): void;
  /** What a request was taken for. @param code gRPC code with which the sink refused something */
  judged(collection: string, verdict: string, code: number | undefined): void;
  pushed(collection: string, kind: "full" | "delta", bytes: number): void;
  /** A version that a sink was due gave way to a newer one before it went out. */
  superseded(collection: string): void;
  /** A sink that says too much that is of no use is not read for a while. */
  heldBack(): void;
  sendFailed(collection: string): void;
  /** Nothing more can be received from a stream: its connection is gone, or what came is none of its protocol. */
  receiveFailed(code: number): void;
  /** A stream was ended for what its peer asked for, said it kept, or failed to answer. Galley 1.3.6 counts none of that. */
  refused(code: number): void;
}

// A push fails to be sent for one reason only: the stream is gone.
const UNAVAILABLE = 14;

/** Streams of either protocol; those over MCP count under the names of Galley 1.3.6 too. */
export function servingMetrics(metrics: Metrics, protocol: "mcp" | "xds"): ServingMetrics {
  return protocol === "mcp" ? mcpMetrics(metrics) : anyMetrics(metrics, protocol);
}

function anyMetrics(metrics: Metrics, protocol: string): ServingMetrics {
  const streams = metrics.streams.with(protocol);
  const failed = (code: number): void => metrics.streamFailures.with(protocol, codeName(code)).inc();
  return {
    streamOpened: () => streams.add(1),
    streamClosed: () => streams.add(-1),
    requestReceived: () => undefined,
    judged: (_collection, verdict) => metrics.requests.with(verdict).inc(),
    pushed(collection, kind, bytes) {
      metrics.pushes.with(collection, "sent").inc();
      metrics.pushBytes.with(collection, kind).inc(bytes);
    },
    superseded: (collection) => metrics.pushes.with(collection, "superseded").inc(),
    heldBack: () => metrics.heldBack.with(protocol).inc(),
    sendFailed: (collection) => metrics.pushes.with(collection, "failed").inc(),
    receiveFailed: failed,
    refused: failed,
  };
}

function mcpMetrics(metrics: Metrics): ServingMetrics {
  const base = anyMetrics(metrics, "mcp");
  const clients = metrics.mcpClients.with();
  const messageBytes = metrics.mcpMessageBytes.with();
  return {
    ...base,
    streamOpened() {
      base.streamOpened();
      clients.add(1);
    },
    streamClosed() {
      base.streamClosed();
      clients.add(-1);
    },
    requestReceived: (_collection, bytes) => messageBytes.observe(bytes),
    judged(collection, verdict, code) {
      base.judged(collection, verdict, code);
      if (code !== undefined) metrics.mcpNacks.with(collection, codeName(code)).inc();
      else if (verdict === "acked" || verdict === "stale") metrics.mcpAcks.with(collection).inc();
    },
    sendFailed(collection) {
      base.sendFailed(collection);
      metrics.mcpSendFailures.with(codeNumber(UNAVAILABLE), codeName(UNAVAILABLE)).inc();
    },
    receiveFailed(code) {
      base.receiveFailed(code);
      metrics.mcpReceiveFailures.with(codeNumber(code), codeName(code)).inc();
    },
  };
}

/** What the runtime reports. */
export interface RuntimeMetrics {
  eventsProcessed(count: number): void;
  changed(): void;
  published(events: number, lifetimeMs: number): void;
  collectionSize(collection: string, size: number): void;
  windowMs(ms: number): void;
}

/**
 * What the runtime did, also under the names of Galley 1.3.6: there a timer was reset by each further change, and ran out
 * either after quiet or at its longest, which is `longestWindowMs` here.
 */
export function runtimeMetrics(metrics: Metrics, clock: Clock, longestWindowMs: number): RuntimeMetrics {
  let lastEventAt: number | undefined;
  let isFirst = true;
  let isWaiting = false;
  let window = 0;
  return {
    eventsProcessed(count) {
      const now = clock.now();
      if (lastEventAt !== undefined) metrics.processorEventSpan.with().observe(now - lastEventAt);
      lastEventAt = now;
      metrics.processorEvents.with().inc(count);
    },
    changed() {
      metrics.strategyChanges.with().inc();
      if (isWaiting) metrics.strategyResets.with().inc();
      isWaiting = true;
    },
    published(events, lifetimeMs) {
      isWaiting = false;
      metrics.processorSnapshots.with().inc();
      metrics.processorSnapshotEvents.with().observe(events);
      if (!isFirst) metrics.processorSnapshotLifetime.with().observe(lifetimeMs);
      isFirst = false;
      (window >= longestWindowMs ? metrics.strategyMaxReached : metrics.strategyQuietReached).with().inc();
    },
    collectionSize: (collection, size) => metrics.countResources(collection, size),
    windowMs(ms) {
      window = ms;
      metrics.publishWindow.with().set(ms / 1000);
    },
  };
}

/** What the call-out reports. */
export interface CalloutMetrics {
  /** A stream to the sink was opened, the first or a further one. */
  connected(): void;
}

export function calloutMetrics(metrics: Metrics): CalloutMetrics {
  return { connected: () => metrics.mcpReconnections.with().inc() };
}
