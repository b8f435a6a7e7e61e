import { type PacerOptions, pacing } from "../../src/distribution/pacer.ts";
import type { BucketOptions } from "../../src/lib/token-bucket.ts";
import { type GateLimits, gateLimits } from "../../src/grpc/access/gate.ts";
import { askable, common, revisions } from "./pool.ts";
import type { Random } from "./random.ts";
import type { ConsumerShape } from "./xds/consumer.ts";
import { served, unknown } from "./xds/kinds.ts";
import type { XdsShape } from "./xds/side.ts";

export interface SinkShape {
  readonly wants: readonly string[];
  /** Whether it asks for deltas, to begin with. */
  readonly incremental: boolean;
  /** How often it reads when it could: 0 never does before the end. */
  readonly pace: number;
}

/** What a schedule consists of, beside its steps. */
export interface Shape {
  readonly steps: number;
  readonly sources: readonly string[];
  readonly sinks: readonly SinkShape[];
  readonly limit: BucketOptions;
  readonly deltas: boolean;
  readonly pacing: PacerOptions;
  /** Whether streams go over the real transport, HTTP/2 on connections in memory: ten times as slow as calls in memory. */
  readonly isWired: boolean;
  /** Clients over xDS, beside the sinks; `undefined` where there is no such service. */
  readonly xds: XdsShape | undefined;
  /** For a server with TLS and an access list: how fast streams are let in. One without is plaintext. */
  readonly door: GateLimits | undefined;
}

/** So wide that nobody ever waits. */
const unlimited: BucketOptions = { burst: 1e6, perSecond: 1e6 };

/** One world in so many has the real transport. */
const WIRED_ONE_IN = 25;

/** Schedules differ in more than their steps: few sinks or many, with limits or without. */
export function drawShape(random: Random): Shape {
  const sinks = 1 + random.below(4);
  const isPaced = random.chance(0.5);
  return {
    steps: 20 + random.below(180),
    sources: random.chance(0.3) ? ["files", "mesh"] : ["files"],
    sinks: Array.from({ length: sinks }, () => ({
      wants: random.chance(0.6) ? askable : [random.pick(common)],
      incremental: random.chance(0.6),
      pace: random.pick([1, 1, 1, 0.3, 0.1, 0]),
    })),
    limit: random.chance(0.4) ? { burst: 1 + random.below(4), perSecond: 1 + random.below(20) } : unlimited,
    deltas: random.chance(0.9),
    pacing: isPaced ? { budgetBytes: 100 + random.below(500), smallBytes: 70, stalledMs: 1000 } : pacing,
    ...(random.chance(1 / WIRED_ONE_IN)
      ? { isWired: true, door: undefined }
      : { isWired: false, door: random.chance(0.3) ? drawGate(random) : undefined }),
    xds: random.chance(0.5) ? drawXds(random, isPaced) : undefined,
  };
}

function drawXds(random: Random, isPaced: boolean): XdsShape {
  return {
    isPaced,
    consumers: Array.from({ length: 1 + random.below(3) }, () => drawConsumer(random)),
    answerMs: random.pick([500, 3000, 30_000]),
    limit: random.chance(0.2) ? { burst: 1 + random.below(3), perSecond: 1 + random.below(20) } : unlimited,
  };
}

function drawConsumer(random: Random): ConsumerShape {
  const isIstiod = random.chance(0.3);
  const kinds = isIstiod || random.chance(0.3) ? served : [random.pick(served), random.pick(served)];
  const urls = new Set(kinds.map((kind) => random.pick(kind.urls)));
  if (random.chance(0.3)) urls.add(random.pick(unknown.urls));
  return {
    speech: isIstiod || random.chance(0.3) ? "state" : "delta",
    isIstiod,
    revision: random.pick(["", "", ...revisions, "another"]),
    urls: [...urls],
    pace: random.pick([1, 1, 1, 0.3, 0]),
  };
}

function drawGate(random: Random): GateLimits {
  if (random.chance(0.4)) return gateLimits;
  return { burst: 1 + random.below(2), perSecond: 1 + random.below(10), maxWaiting: 1 + random.below(3) };
}
