import { type PacerOptions, pacing } from "../../src/distribution/pacer.ts";
import type { BucketOptions } from "../../src/lib/token-bucket.ts";
import { type GateLimits, gateLimits } from "../../src/grpc/access/gate.ts";
import { askable, published } from "./pool.ts";
import type { Random } from "./random.ts";

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
  return {
    steps: 20 + random.below(180),
    sources: random.chance(0.3) ? ["files", "mesh"] : ["files"],
    sinks: Array.from({ length: sinks }, () => ({
      wants: random.chance(0.6) ? askable : [random.pick(published)],
      incremental: random.chance(0.6),
      pace: random.pick([1, 1, 1, 0.3, 0.1, 0]),
    })),
    limit: random.chance(0.4) ? { burst: 1 + random.below(4), perSecond: 1 + random.below(20) } : unlimited,
    deltas: random.chance(0.9),
    pacing: random.chance(0.5) ? { budgetBytes: 100 + random.below(500), smallBytes: 70, stalledMs: 1000 } : pacing,
    ...(random.chance(1 / WIRED_ONE_IN)
      ? { isWired: true, door: undefined }
      : { isWired: false, door: random.chance(0.3) ? drawGate(random) : undefined }),
  };
}

function drawGate(random: Random): GateLimits {
  if (random.chance(0.4)) return gateLimits;
  return { burst: 1 + random.below(2), perSecond: 1 + random.below(10), maxWaiting: 1 + random.below(3) };
}
