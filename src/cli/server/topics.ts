import type { JsonObject } from "../../admin/introspection/json.ts";
import type { Topic } from "../../admin/introspection/topic.ts";
import { calledTopic } from "../../admin/introspection/topics/called.ts";
import { changesTopic } from "../../admin/introspection/topics/changes.ts";
import { problemsTopic } from "../../admin/introspection/topics/problems.ts";
import {
  type EventLoopDelayView,
  eventLoopTopic,
  memoryTopic,
  readLoad,
  settingsTopic,
  versionTopic,
} from "../../admin/introspection/topics/process.ts";
import { scopesTopic } from "../../admin/introspection/topics/scopes.ts";
import { signalsTopic } from "../../admin/introspection/topics/signals.ts";
import { sinksTopic } from "../../admin/introspection/topics/sinks.ts";
import { collectionsTopic, resourcesTopic, snapshotsTopic } from "../../admin/introspection/topics/snapshots.ts";
import { sourcesTopic } from "../../admin/introspection/topics/sources.ts";
import { statusTopic } from "../../admin/introspection/topics/status.ts";
import type { decodeResource } from "../../model/decode-resource.ts";
import type { CollectionRegistry } from "../../model/collections.ts";
import type { Collection, ResourceName } from "../../model/names.ts";
import { placeOf } from "../../model/problem.ts";
import { bytesOf } from "../../model/resource.ts";
import type { ChangeLog } from "../../runtime/change-log.ts";
import type { Pipeline } from "../../runtime/pipeline.ts";
import type { Streams } from "../../server/streams.ts";
import type { Hub } from "../../snapshot/hub.ts";
import { type LogThreshold, logThresholds } from "../log/levels.ts";
import type { Log } from "../log/log.ts";
import { scopes } from "../log/scopes.ts";
import type { SettingRow } from "../options/settings.ts";
import type { BuildInfo } from "../version/build-info.ts";

export interface TopicDeps {
  readonly registry: CollectionRegistry;
  readonly pipeline: Pipeline;
  readonly hub: Hub;
  readonly streams: Streams;
  readonly changes: ChangeLog;
  /** What keeps the server from being ready. */
  readonly missing: () => readonly string[];
  /** Milliseconds since the server began. */
  readonly uptimeMs: () => number;
  /** How late the event loop runs. */
  readonly eventLoop: () => EventLoopDelayView;
  readonly log: Log;
  readonly settings: () => readonly SettingRow[];
  readonly build: BuildInfo;
  /** Has the file source look again at everything. */
  readonly rescan: () => void;
}

/** Everything that the introspection API answers about a running server. */
export function serverTopics(deps: TopicDeps): readonly Topic[] {
  const { pipeline, hub, streams, log, settings, build, rescan } = deps;
  const problems = problemsTopic(pipeline.problems, placeOf);
  const sources = sourcesTopic(() => pipeline.sources);
  const changes = changesTopic(() => deps.changes.changes);
  const status = statusTopic({
    version: build.version,
    uptimeMs: deps.uptimeMs,
    missing: deps.missing,
    load: () => readLoad(deps.eventLoop()),
    lostLogRecords: () => log.lost,
    sources,
    problems,
    changes,
    snapshots: () => hub.snapshots,
    sinks: streams,
    called: () => streams.called,
  });
  return [
    status,
    problems,
    sources,
    changes,
    snapshotsTopic(() => hub.snapshots),
    collectionsTopic(() => hub.snapshots),
    shownResources(deps),
    sinksTopic(streams),
    calledTopic(() => streams.called),
    settingsTopic(() => settings().map(({ name, value, origin }) => ({ name, value, from: origin, secret: false }))),
    scopesTopic(logScopes(log)),
    signalsTopic([{ name: "SIGUSR1", meaning: "look again at every file of the source", send: rescan }]),
    memoryTopic(),
    eventLoopTopic(deps.eventLoop),
    versionTopic({ ...build }),
  ];
}

/** Resources, decoded. What decodes them is loaded when somebody asks. */
function shownResources(deps: TopicDeps): Topic {
  let decode: typeof decodeResource | undefined;
  const topic = resourcesTopic(
    () => deps.hub.snapshots,
    (collection, name) => decode && show(deps, decode, collection as Collection, name as ResourceName),
  );
  return {
    ...topic,
    async load() {
      decode ??= (await import("../../model/decode-resource.ts")).decodeResource;
    },
  };
}

/** A resource as it is served to MCP sinks, decoded, with the place that it comes from. */
function show(
  { hub, registry }: TopicDeps,
  decode: typeof decodeResource,
  collection: Collection,
  name: ResourceName,
): JsonObject | undefined {
  const resource = hub.latest(collection)?.get(name);
  const generation = registry.get(collection)?.mcp;
  if (resource === undefined || generation === undefined) return undefined;
  const bytes = bytesOf(resource, generation) ?? resource.current ?? resource.legacy;
  if (bytes === undefined) return undefined;
  const shown = decode(bytes, bytes === resource.legacy ? "1.3" : "current");
  return { collection, origin: resource.origin.describe(), ...shown };
}

function logScopes(log: Log): Parameters<typeof scopesTopic>[0] {
  return {
    levels: logThresholds,
    *scopes() {
      const rules = log.levels();
      for (const [name, meaning] of Object.entries(scopes)) {
        yield { name, meaning, level: rules.get(name) ?? rules.get("default") ?? "info" };
      }
    },
    setLevel: (name, level) => log.setLevel(name, level as LogThreshold),
  };
}
