import { silentObserver } from "../../src/distribution/observer.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { silentLogger } from "../../src/lib/logger.ts";
import type { Collection } from "../../src/model/names.ts";
import { istioCollections } from "../../src/model/registry.ts";
import { openListener } from "../../src/server/listener.ts";
import { createServingPath } from "../../src/server/serving-path.ts";
import type { SourceBatch } from "../../src/sources/source.ts";
import { resourceOf } from "../lib/content.ts";
import { Gauge, type Spent } from "../lib/gauge.ts";
import { answerWith, sharedNow } from "../lib/remote.ts";

/** What is served: so many resources of so many bytes in each collection. */
export interface ServePlan {
  readonly collections: readonly string[];
  readonly resources: number;
  readonly bytesEach: number;
  /** Files in PEM; plaintext without. */
  readonly tls?: { readonly ca: string; readonly cert: string; readonly key: string };
}

/** A publication: what the collection's version is since then, and when the oldest change that is in it happened. */
export interface Publication {
  readonly version: string;
  readonly at: number;
  readonly changedAt: number;
}

const gauge = new Gauge();
const news: SourceBatch[] = [];
let wake: () => void = () => undefined;
let plan: ServePlan;
let revision = 0;
let superseded = 0;
let pushed = 0;
let changedAt: number | undefined;
let publications: Publication[] = [];

function say(batch: SourceBatch): void {
  news.push(batch);
  wake();
}

function change(index: number): void {
  changedAt ??= sharedNow();
  const resource = resourceOf(plan.collections[0]!, index, ++revision, plan.bytesEach);
  say({ kind: "patch", upserts: [resource], deletes: [] });
}

async function* read(signal: AbortSignal): AsyncGenerator<SourceBatch> {
  while (!signal.aborted) {
    // Taken all at once: what waits is never more than what was said in one turn.
    yield* news.splice(0);
    await new Promise<void>((resolve) => {
      wake = resolve;
      if (news.length > 0) resolve();
    });
  }
}

let becomeReady: () => void = () => undefined;
const ready = new Promise<void>((resolve) => {
  becomeReady = resolve;
});

/** The serving path from a source in memory to the wire. */
const path = createServingPath({
  sources: [{ name: "bench", read }],
  registry: istioCollections(),
  clock: systemClock,
  log: silentLogger,
  mcp: {
    observer: {
      ...silentObserver,
      requestReceived: () => gauge.heard(),
      superseded: () => void superseded++,
      pushed: () => void pushed++,
    },
  },
  pipeline: {
    onPublished: ({ after, changed }) => {
      const now = sharedNow();
      const version = after.get(changed[0] ?? (plan.collections[0] as Collection))!.version;
      publications.push({ version, at: now, changedAt: changedAt ?? now });
      changedAt = undefined;
    },
  },
  onReady: becomeReady,
});

async function serve(wish: ServePlan): Promise<number> {
  plan = wish;
  path.pipeline.start();
  for (const collection of wish.collections) {
    const resources = Array.from({ length: wish.resources }, (_, i) => resourceOf(collection, i, 0, wish.bytesEach));
    say({ kind: "replace", collection: resources[0]!.collection, resources });
  }
  say({ kind: "synced" });
  await ready;
  const { tls } = wish;
  const server = await openListener(path, {
    protocols: "all",
    address: { kind: "tcp", host: "127.0.0.1", port: 0 },
    log: silentLogger,
    ...(tls === undefined ? {} : { tls: { ca: tls.ca, cert: tls.cert, key: tls.key, requestCert: true } }),
  });
  if (server.address.kind !== "tcp") throw new Error("no port");
  return server.address.port;
}

const abilities = {
  /** Publishes the content and listens; gives the port. */
  serve: (wish: ServePlan): Promise<number> => serve(wish),
  /** Changes one resource; gives the time on the shared clock. */
  push(): number {
    const at = sharedNow();
    change(revision % plan.resources);
    return at;
  },
  /** Changes so many resources in turn, so many times a second, and gives what was published meanwhile. */
  async change(pace: {
    readonly perSecond: number;
    readonly seconds: number;
    readonly among: number;
  }): Promise<readonly Publication[]> {
    publications = [];
    const startedAt = sharedNow();
    const total = pace.perSecond * pace.seconds;
    let made = 0;
    await new Promise<void>((resolve) => {
      const timer = setInterval(() => {
        const due = Math.min(total, Math.floor(((sharedNow() - startedAt) / 1000) * pace.perSecond));
        for (; made < due; made++) change(made % pace.among);
        if (made < total) return;
        clearInterval(timer);
        resolve();
      }, 1);
    });
    await new Promise((resolve) => setTimeout(resolve, 2000));
    return publications;
  },
  /** What was published since this or `change` was asked for the last time. */
  publications(): readonly Publication[] {
    const since = publications;
    publications = [];
    return since;
  },
  /** How often a version gave way to a newer one before a sink was sent it, and how many pushes were sent; since the start. */
  pushes(): { readonly superseded: number; readonly pushed: number } {
    return { superseded, pushed };
  },
  sinks(): number {
    return path.streams.sinkCount;
  },
  /** What the process spent since the last time. */
  spent(): Promise<Spent> {
    return gauge.take();
  },
  /** The versions that a sink which has everything holds of the first collection. */
  versions(): readonly (readonly [name: string, version: string])[] {
    return [...path.hub.latest(plan.collections[0] as Collection)!].map(
      ({ name, version }) => [name, version] as const,
    );
  },
};

export type GalleyAbilities = typeof abilities;

answerWith(abilities);
