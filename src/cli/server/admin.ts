import { serveIntrospection } from "../../admin/introspection/serve.ts";
import type { Metrics } from "../../admin/metrics/create.ts";
import { measureEventLoop } from "../../admin/metrics/event-loop.ts";
import { addProcessMetrics } from "../../admin/metrics/process.ts";
import { readCalledSinks, readPushAge, readSources, readSubscriptions } from "../../admin/metrics/read-from.ts";
import { serveMonitoring } from "../../admin/monitoring.ts";
import type { AsyncStack } from "../../lib/async-stack.ts";
import type { Clock } from "../../lib/clock.ts";
import type { ServerValues } from "../options/table.ts";
import { serverTopics, type TopicDeps } from "./topics.ts";

export interface AdminDeps extends Omit<TopicDeps, "uptimeMs" | "eventLoop"> {
  readonly values: ServerValues;
  readonly metrics: Metrics;
  readonly clock: Clock;
}

/** Where a server shows how it is. */
export interface Admin {
  readonly monitoringUrl: string;
  readonly introspectionUrl: string;
}

/** Opens what shows how a server is, until the stack is closed: metrics and introspection. @throws GalleyError when a port can't be had. */
export async function openAdmin(deps: AdminDeps, stack: AsyncStack): Promise<Admin> {
  const { values, metrics, clock, registry, pipeline, streams, missing, build } = deps;
  const startedAt = clock.now();
  const log = deps.log.logger.scope("server");
  addProcessMetrics(metrics.registry);
  const eventLoop = measureEventLoop(metrics);
  stack.defer(() => eventLoop[Symbol.dispose]());
  readSources(metrics, pipeline);
  metrics.lostLogRecords.with().readFrom(() => deps.log.lost);
  readPushAge(metrics, clock, () => streams.oldestUnanswered());
  readCalledSinks(metrics, streams.called);
  readSubscriptions(
    metrics,
    registry.all.map((spec) => spec.name),
    (collection) => streams.subscriptions(collection),
  );
  const monitoring = stack.use(
    await serveMonitoring({
      address: values.monitoringAddress,
      port: values.monitoringPort,
      metrics,
      health: { missing },
      version: build.version,
      log,
    }),
  );
  const uptimeMs = (): number => clock.now() - startedAt;
  const introspection = stack.use(
    await serveIntrospection({
      address: values.ctrlzAddress,
      port: values.ctrlzPort,
      topics: serverTopics({ ...deps, uptimeMs, eventLoop: () => eventLoop.read() }),
      log,
    }),
  );
  return { monitoringUrl: monitoring.url, introspectionUrl: introspection.url };
}
