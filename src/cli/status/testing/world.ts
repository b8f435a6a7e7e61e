import type { Topic } from "../../../admin/introspection/topic.ts";
import { calledTopic, type CalledView } from "../../../admin/introspection/topics/called.ts";
import { changesTopic, type ChangeView } from "../../../admin/introspection/topics/changes.ts";
import { problemsTopic, type ProblemView } from "../../../admin/introspection/topics/problems.ts";
import type { LoadView } from "../../../admin/introspection/topics/process.ts";
import { sinksTopic, type SinkView } from "../../../admin/introspection/topics/sinks.ts";
import {
  collectionsTopic,
  resourcesTopic,
  type ShowResource,
  type SnapshotsView,
} from "../../../admin/introspection/topics/snapshots.ts";
import { sourcesTopic, type SourceView } from "../../../admin/introspection/topics/sources.ts";
import { statusTopic } from "../../../admin/introspection/topics/status.ts";
import { Fields } from "../fields.ts";

/** What a made-up server has to tell. */
export interface World {
  readonly version: string;
  readonly uptimeMs: number;
  readonly missing: readonly string[];
  readonly load: LoadView;
  readonly lostLogRecords: number;
  readonly sources: readonly SourceView[];
  readonly problems: readonly ProblemView[];
  /** Names of the resources of each collection. */
  readonly collections: Readonly<Record<string, readonly string[]>>;
  readonly sinks: readonly SinkView[];
  readonly called: readonly CalledView[];
  readonly changes: readonly ChangeView[];
  readonly show: ShowResource;
}

const MB = 1024 ** 2;

/** A server on which all is well and nothing happens. */
export const quietWorld: World = {
  version: "1.2.3",
  uptimeMs: 3 * 86_400_000,
  missing: [],
  load: { heapUsed: 50 * MB, heapLimit: 2000 * MB, eventLoop: { median: 0, p99: 0.001, worst: 0.02 } },
  lostLogRecords: 0,
  sources: [],
  problems: [],
  collections: {},
  sinks: [],
  called: [],
  changes: [],
  show: () => undefined,
};

/** The topics of the introspection API that speak of a world. */
export function topicsOf(world: World): readonly Topic[] {
  const tables = Object.entries(world.collections).map(tableOf);
  const snapshots: SnapshotsView = () => [["default", tables]];
  const problems = problemsTopic({
    list: () => world.problems,
    counts: () => ({
      error: countOf(world, "error"),
      warning: countOf(world, "warning"),
      info: countOf(world, "info"),
    }),
  });
  const sources = sourcesTopic(() => world.sources);
  const changes = changesTopic(() => world.changes);
  const sinks = { sinkCount: world.sinks.length, sinks: () => world.sinks };
  const { version, missing, uptimeMs, load, lostLogRecords } = world;
  const status = statusTopic({
    version,
    problems,
    sources,
    changes,
    snapshots,
    sinks,
    called: () => world.called,
    uptimeMs: () => uptimeMs,
    missing: () => missing,
    load: () => load,
    lostLogRecords: () => lostLogRecords,
  });
  const resources = resourcesTopic(snapshots, world.show);
  const called = calledTopic(() => world.called);
  return [status, problems, sources, changes, sinksTopic(sinks), called, collectionsTopic(snapshots), resources];
}

function tableOf([collection, names]: readonly [string, readonly string[]]): [
  string,
  { size: number; version: string; chunks: { name: string; version: string }[][] },
] {
  const resources = [...names].sort().map((name) => ({ name, version: `version-of-${name.replace("/", "-")}` }));
  const chunks = resources.length === 0 ? [] : [resources];
  const version = names.length === 0 ? "0" : `OWwaWZlAFaYTrMIK${String(names.length).padStart(6, "0")}`;
  return [collection, { size: names.length, version, chunks }];
}

function countOf({ problems }: World, severity: ProblemView["severity"]): number {
  return problems.filter((problem) => problem.severity === severity).length;
}

/** What the introspection API answers of a world: all of a list, as one page. */
export function tell(world: World, topic: string, rest = ""): Fields {
  const answer = topicsOf(world)
    .find(({ name }) => name === topic)!
    .read({ rest, parameter: () => undefined });
  if (answer.kind === "refused") throw new Error(answer.message);
  if (answer.kind === "value") return new Fields(JSON.parse(JSON.stringify(answer.value)));
  const { head, listing } = answer;
  const items = [...listing.from(undefined)].map((entry) => entry.show());
  return new Fields(JSON.parse(JSON.stringify({ ...head, count: listing.count, items })));
}
