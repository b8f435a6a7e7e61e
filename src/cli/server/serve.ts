import type { X509Certificate } from "node:crypto";
import { serveIntrospection } from "../../admin/introspection/serve.ts";
import { createMetrics } from "../../admin/metrics/create.ts";
import { measureEventLoop } from "../../admin/metrics/event-loop.ts";
import { runtimeMetrics } from "../../admin/metrics/observers.ts";
import { addProcessMetrics } from "../../admin/metrics/process.ts";
import { readPushAge, readSources, readSubscriptions } from "../../admin/metrics/read-from.ts";
import { transportMetrics } from "../../admin/metrics/security.ts";
import { serveMonitoring } from "../../admin/monitoring.ts";
import { keepProbeFile } from "../../admin/probes/keep-probe-file.ts";
import { formatAddress } from "../../grpc/address.ts";
import { HealthService } from "../../grpc/health.ts";
import { reflection } from "../../grpc/reflection.ts";
import { listen } from "../../grpc/server.ts";
import type { Clock } from "../../lib/clock.ts";
import { SERVICE as ADS_SERVICE } from "../../xds/protocol.ts";
import { SOURCE_SERVICE } from "../../mcp/protocol.ts";
import { ChangeLog } from "../../runtime/change-log.ts";
import { Pipeline, type PipelineDeps } from "../../runtime/pipeline.ts";
import { publishWindow } from "../../runtime/publisher.ts";
import { Hub } from "../../snapshot/hub.ts";
import { openCache } from "../../sources/fs/cache/store.ts";
import { createFileSource } from "../../sources/fs/source.ts";
import { istioDecoding } from "../../sources/fs/workers/istio.ts";
import { readerThreads } from "../../sources/fs/workers/threads.ts";
import { createMeshSource } from "../../sources/mesh/source.ts";
import { Health } from "../../wire/gen/grpc/health/v1/health_pb.ts";
import { AggregatedDiscoveryService } from "../../wire/gen/envoy/service/discovery/v3/ads_pb.ts";
import { ResourceSource } from "../../wire/gen/istio13/mcp/v1alpha1/mcp_pb.ts";
import { messageOf } from "../../wire/registry.ts";
import type { CommandSettings } from "../command/command.ts";
import type { Log } from "../log/log.ts";
import type { Environment } from "../options/environment.ts";
import type { ServerOptions } from "../options/table.ts";
import { readBuildInfo } from "../version/build-info.ts";
import { collectionsWithout } from "./collections.ts";
import { openSecurity } from "./security.ts";
import { listenError } from "./listen-error.ts";
import { openXdsListener, type XdsListener } from "./xds.ts";
import { openStreams } from "./streams.ts";
import { serverTopics } from "./topics.ts";

export interface ServeDeps {
  readonly settings: CommandSettings<ServerOptions>;
  readonly env: Environment;
  readonly log: Log;
  readonly clock: Clock;
  readonly progress: NonNullable<PipelineDeps["progress"]>;
  /** Called once, when the first snapshot is out. */
  readonly onReady: () => void;
}

/** A running server. Disposing stops it in an orderly way, within a bounded time. */
export interface Running extends AsyncDisposable {
  readonly address: string;
  /** Where clients without an identity are served over xDS, if anywhere. */
  readonly xds: XdsListener | undefined;
  readonly monitoringUrl: string;
  readonly introspectionUrl: string;
  /** What it shows to sinks; plaintext without one. */
  readonly certificate: X509Certificate | undefined;
  readonly pipeline: Pipeline;
  readonly hub: Hub;
  /** Has the file source look again at everything. */
  rescan(): void;
}

/** How long streams have to end by themselves when the server stops, milliseconds. */
const SHUTDOWN_MS = 5000;

/** Builds a server from its settings and starts it: the one place where everything meets. */
export async function serve({ settings, env, log, clock, progress, onReady }: ServeDeps): Promise<Running> {
  const { values } = settings;
  const build = readBuildInfo();
  const { known, served, unknownKinds } = collectionsWithout(values.excludedResourceKinds);
  for (const kind of unknownKinds)
    log.logger.warn(`--excluded-resource-kinds names ${kind}, which is no kind that is read`);
  const metrics = createMetrics({ version: build.version, collections: served.all.map((spec) => spec.name) });
  const stack = new AsyncStack();
  const security = stack.use(await openSecurity({ settings, env, clock, log: log.logger.scope("mcp"), metrics }));
  addProcessMetrics(metrics.registry);
  const eventLoop = measureEventLoop(metrics);
  stack.use({ [Symbol.asyncDispose]: async () => eventLoop[Symbol.dispose]() });

  const hub = new Hub((collection) => served.get(collection)?.snapshotGroup ?? "default");
  const { decode, recipe } = istioDecoding(served);
  const files = createFileSource({
    root: values.configPath,
    decode,
    help: readerThreads(recipe),
    cache: values.cacheDir === "" ? undefined : openCache(values.cacheDir, recipe.argument, log.logger.scope("source")),
    clock,
    log: log.logger.scope("source"),
  });
  const mesh = createMeshSource({
    file: values.meshConfigFile,
    expected: settings.isGiven("meshConfigFile"),
    collection: known.get("istio/mesh/v1alpha1/MeshConfig")!,
    clock,
  });
  const changes = new ChangeLog();
  const startedAt = clock.now();
  const health = new HealthService();
  const pipeline = new Pipeline({
    sources: [mesh, files],
    registry: served,
    hub,
    clock,
    log: log.logger.scope("source"),
    observer: runtimeMetrics(metrics, clock, publishWindow.maxMs),
    progress,
    onPublished: (published) => changes.record(published),
    onReady() {
      for (const service of ["", SOURCE_SERVICE, ADS_SERVICE]) health.set(service, "serving");
      onReady();
    },
  });
  const streams = await openStreams({
    values,
    hub,
    registry: served,
    clock,
    metrics,
    log: (protocol) => log.logger.scope(protocol),
    version: build.version,
    report: (collection, problems) => pipeline.problems.set("xds", collection, problems),
  }).catch(async (error: unknown) => {
    await stack[Symbol.asyncDispose]();
    throw error;
  });
  stack.use(streams);
  readSources(metrics, pipeline);
  readPushAge(metrics, clock, () => streams.oldestUnanswered());
  readSubscriptions(
    metrics,
    served.all.map((spec) => spec.name),
    (collection) => streams.subscriptions(collection),
  );
  let xds: XdsListener | undefined;
  try {
    const monitoring = stack.use(
      await serveMonitoring({
        address: values.monitoringAddress,
        port: values.monitoringPort,
        metrics,
        health: { missing: () => missingOf(pipeline) },
        version: build.version,
        log: log.logger.scope("server"),
      }),
    );
    const introspection = stack.use(
      await serveIntrospection({
        address: values.ctrlzAddress,
        port: values.ctrlzPort,
        topics: serverTopics({
          registry: served,
          pipeline,
          hub,
          streams,
          changes,
          missing: () => missingOf(pipeline),
          uptimeMs: () => clock.now() - startedAt,
          eventLoop: () => eventLoop.read(),
          log,
          settings: () => settings.rows(),
          build,
          rescan,
        }),
        log: log.logger.scope("server"),
      }),
    );
    const bodies = served.all.map((spec) => messageOf(spec.mcp, spec.message).file);
    const grpc = await listen({
      address: values.serverAddress,
      ...(security.tls === undefined ? {} : { tls: security.tls }),
      // Health and reflection tell nothing of the configuration: they are there for whoever gets as far as this.
      methods: [
        ...streams.methods.map((method) => security.guard.wrap(method)),
        ...health.methods,
        ...reflection([ResourceSource, AggregatedDiscoveryService, Health], bodies),
      ],
      limits: {
        maxReceivedMessageBytes: values.serverMaxReceivedMessageSize,
        maxConcurrentStreams: values.serverMaxConcurrentStreams,
      },
      clock,
      log: log.logger.scope("mcp"),
      observer: transportMetrics(metrics),
    }).catch((error: unknown) => {
      throw listenError(error, formatAddress(values.serverAddress), "--server-address");
    });
    security.follow(grpc);
    stack.use(pipeline);
    xds = await openXdsListener({
      values,
      methods: streams.xdsMethods,
      health,
      registry: served,
      clock,
      metrics,
      log: log.logger.scope("xds"),
    }).catch(async (error: unknown) => {
      await grpc.shutdown(0);
      throw error;
    });
    const listeners = [grpc, ...(xds === undefined ? [] : [xds])];
    stack.use({
      [Symbol.asyncDispose]: async () => void (await Promise.all(listeners.map((one) => one.shutdown(SHUTDOWN_MS)))),
    });
    const probes = [
      ["liveness", values.livenessProbePath, values.livenessProbeInterval, () => undefined],
      [
        "readiness",
        values.readinessProbePath,
        values.readinessProbeInterval,
        () => missingOf(pipeline).join("; ") || undefined,
      ],
    ] as const;
    for (const [name, path, intervalMs, reason] of probes) {
      if (path === "" || intervalMs === 0) continue;
      stack.use(keepProbeFile({ name, path, intervalMs, reason, clock, log: log.logger.scope("server") }));
    }
    pipeline.start();
    return {
      address: formatAddress(grpc.address),
      xds,
      monitoringUrl: monitoring.url,
      introspectionUrl: introspection.url,
      certificate: security.certificate,
      pipeline,
      hub,
      rescan,
      [Symbol.asyncDispose]: () => stack[Symbol.asyncDispose](),
    };
  } catch (error) {
    await stack[Symbol.asyncDispose]();
    throw error;
  }

  function rescan(): void {
    log.logger.info("looking again at every file");
    files.rescan();
    void security.look();
    void xds?.look();
  }
}

/** Closes what was opened, last first; Node 20 has no AsyncDisposableStack. */
class AsyncStack implements AsyncDisposable {
  readonly #open: AsyncDisposable[] = [];

  use<T extends AsyncDisposable>(resource: T): T {
    this.#open.push(resource);
    return resource;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const resource of this.#open.splice(0).reverse()) await resource[Symbol.asyncDispose]();
  }
}

function missingOf(pipeline: Pipeline): string[] {
  if (pipeline.ready) return [];
  const waiting = pipeline.sources.filter((source) => source.state !== "synced");
  return waiting.map(
    ({ name, state, reason }) => `the source ${name} is ${state}${reason ? `: ${reason.message}` : ""}`,
  );
}
