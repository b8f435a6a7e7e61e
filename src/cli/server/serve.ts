import { serveIntrospection } from "../../admin/introspection/serve.ts";
import { createMetrics } from "../../admin/metrics/create.ts";
import { measureEventLoop } from "../../admin/metrics/event-loop.ts";
import { runtimeMetrics } from "../../admin/metrics/observers.ts";
import { addProcessMetrics } from "../../admin/metrics/process.ts";
import { readPushAge, readSources, readSubscriptions } from "../../admin/metrics/read-from.ts";
import { serveMonitoring } from "../../admin/monitoring.ts";
import { keepProbeFile } from "../../admin/probes/keep-probe-file.ts";
import { formatAddress } from "../../grpc/address.ts";
import { HealthService } from "../../grpc/health.ts";
import { reflection } from "../../grpc/reflection.ts";
import { listen } from "../../grpc/server.ts";
import type { Clock } from "../../lib/clock.ts";
import { GalleyError } from "../../lib/errors.ts";
import { SOURCE_SERVICE } from "../../mcp/protocol.ts";
import { decodeDocument } from "../../model/decode.ts";
import { ChangeLog } from "../../runtime/change-log.ts";
import { Pipeline, type PipelineDeps } from "../../runtime/pipeline.ts";
import { publishWindow } from "../../runtime/publisher.ts";
import { Hub } from "../../snapshot/hub.ts";
import { createFileSource } from "../../sources/fs/source.ts";
import { createMeshSource } from "../../sources/mesh/source.ts";
import { Health } from "../../wire/gen/grpc/health/v1/health_pb.ts";
import { ResourceSource } from "../../wire/gen/istio13/mcp/v1alpha1/mcp_pb.ts";
import { messageOf } from "../../wire/registry.ts";
import type { CommandSettings } from "../command/command.ts";
import type { Log } from "../log/log.ts";
import type { Environment } from "../options/environment.ts";
import type { ServerOptions } from "../options/table.ts";
import { readBuildInfo } from "../version/build-info.ts";
import { collectionsWithout } from "./collections.ts";
import { openSecurity } from "./security.ts";
import { openMcp } from "./mcp.ts";
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
  readonly monitoringUrl: string;
  readonly introspectionUrl: string;
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
  const security = await openSecurity({ settings, env, clock, log: log.logger.scope("mcp") });
  const build = readBuildInfo();
  const { known, served, unknownKinds } = collectionsWithout(values.excludedResourceKinds);
  for (const kind of unknownKinds)
    log.logger.warn(`--excluded-resource-kinds names ${kind}, which is no kind that is read`);
  const metrics = createMetrics({ version: build.version, collections: served.all.map((spec) => spec.name) });
  addProcessMetrics(metrics.registry);
  const eventLoop = measureEventLoop(metrics);

  const hub = new Hub((collection) => served.get(collection)?.snapshotGroup ?? "default");
  const files = createFileSource({
    root: values.configPath,
    decode: (doc, origin, store) => decodeDocument(doc, served, origin, { known, store }),
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
      health.set("", "serving");
      health.set(SOURCE_SERVICE, "serving");
      onReady();
    },
  });
  const mcp = openMcp({
    values,
    hub,
    registry: served,
    clock,
    metrics,
    log: log.logger.scope("mcp"),
    version: build.version,
  });
  readSources(metrics, pipeline);
  readPushAge(metrics, clock, () => mcp.oldestUnanswered());
  readSubscriptions(
    metrics,
    served.all.map((spec) => spec.name),
    (collection) => hub.watchers(collection),
  );
  const stack = new AsyncStack();
  stack.use(security);
  stack.use(mcp);
  try {
    stack.use({ [Symbol.asyncDispose]: async () => eventLoop[Symbol.dispose]() });
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
          mcp,
          changes,
          missing: () => missingOf(pipeline),
          uptimeMs: () => clock.now() - startedAt,
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
      methods: [security.guard.wrap(mcp.method), ...health.methods, ...reflection([ResourceSource, Health], bodies)],
      limits: {
        maxReceivedMessageBytes: values.serverMaxReceivedMessageSize,
        maxConcurrentStreams: values.serverMaxConcurrentStreams,
      },
      clock,
      log: log.logger.scope("mcp"),
    }).catch((error: unknown) => {
      throw listenError(error, formatAddress(values.serverAddress));
    });
    security.follow(grpc);
    stack.use(pipeline);
    stack.use({ [Symbol.asyncDispose]: () => grpc.shutdown(SHUTDOWN_MS) });
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
      monitoringUrl: monitoring.url,
      introspectionUrl: introspection.url,
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

function listenError(error: unknown, address: string): GalleyError {
  const reason = error instanceof Error ? error.message : String(error);
  return new GalleyError("GLY_LISTEN", `unable to listen: ${address}: ${reason}`, {
    hint: "give a free address with --server-address, or stop what listens there",
    cause: error,
  });
}
