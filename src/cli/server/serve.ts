import type { X509Certificate } from "node:crypto";
import { createMetrics } from "../../admin/metrics/create.ts";
import { runtimeMetrics } from "../../admin/metrics/observers.ts";
import { formatAddress } from "../../grpc/address.ts";
import { HealthService } from "../../grpc/health.ts";
import { type AsyncStack, opening } from "../../lib/async-stack.ts";
import type { Clock } from "../../lib/clock.ts";
import { SOURCE_SERVICE } from "../../mcp/protocol.ts";
import { ChangeLog } from "../../runtime/change-log.ts";
import { Pipeline, type PipelineDeps } from "../../runtime/pipeline.ts";
import { publishWindow } from "../../runtime/publisher.ts";
import { Hub } from "../../snapshot/hub.ts";
import { SERVICE as ADS_SERVICE } from "../../xds/protocol.ts";
import type { CommandSettings } from "../command/command.ts";
import type { Log } from "../log/log.ts";
import type { Environment } from "../options/environment.ts";
import type { ServerOptions } from "../options/table.ts";
import { readBuildInfo } from "../version/build-info.ts";
import { type Admin, openAdmin } from "./admin.ts";
import { collectionsWithout } from "./collections.ts";
import { keepProbeFiles } from "./probe-files.ts";
import { missingFrom } from "./readiness.ts";
import { openSecurity } from "./security.ts";
import { openSinkListener } from "./sink-listener.ts";
import { createSources } from "./sources.ts";
import { openStreams } from "./streams.ts";
import { openXdsListener, type XdsListener } from "./xds.ts";

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
export interface Running extends AsyncDisposable, Admin {
  readonly address: string;
  /** Where clients without an identity are served over xDS, if anywhere. */
  readonly xds: XdsListener | undefined;
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
export function serve(deps: ServeDeps): Promise<Running> {
  return opening((stack) => open(deps, stack));
}

async function open({ settings, env, log, clock, progress, onReady }: ServeDeps, stack: AsyncStack): Promise<Running> {
  const { values } = settings;
  const build = readBuildInfo();
  const { known, served, unknownKinds } = collectionsWithout(values.excludedResourceKinds);
  for (const kind of unknownKinds)
    log.logger.warn(`--excluded-resource-kinds names ${kind}, which is no kind that is read`);
  const metrics = createMetrics({ version: build.version, collections: served.all.map((spec) => spec.name) });
  const security = stack.use(await openSecurity({ settings, env, clock, log: log.logger.scope("mcp"), metrics }));

  const hub = new Hub((collection) => served.get(collection)?.snapshotGroup ?? "default");
  const sources = createSources({ settings, known, served, clock, log });
  const streams = stack.use(
    await openStreams({
      values,
      // What the table says by itself gives way to what is known of a client, what an operator says does not.
      ...(settings.isGiven("largePushSize") && { largePushBytes: values.largePushSize }),
      hub,
      registry: served,
      clock,
      metrics,
      log: (protocol) => log.logger.scope(protocol),
      version: build.version,
      report: (collection, problems) => pipeline.problems.set("xds", collection, problems),
    }),
  );
  let xds: XdsListener | undefined;
  const changes = new ChangeLog();
  const health = new HealthService();
  const pipeline: Pipeline = new Pipeline({
    sources: sources.all,
    registry: served,
    hub,
    clock,
    log: log.logger.scope("source"),
    observer: runtimeMetrics(metrics, clock, publishWindow.steadyMs),
    progress,
    handOut: streams.handOut,
    onPublished: (published) => changes.record(published),
    onReady() {
      for (const service of ["", SOURCE_SERVICE, ADS_SERVICE]) health.set(service, "serving");
      onReady();
    },
  });
  const missing = (): readonly string[] => missingFrom(pipeline);
  const shown = { registry: served, pipeline, hub, streams, changes, build, settings: () => settings.rows() };
  const admin = await openAdmin({ ...shown, values, metrics, clock, log, missing, rescan }, stack);

  // Closed in reverse: first nobody is served any more, then nothing is read.
  stack.use(pipeline);
  const listeners: Pick<XdsListener, "shutdown">[] = [];
  stack.defer(async () => void (await Promise.all(listeners.map((one) => one.shutdown(SHUTDOWN_MS)))));
  const common = { values, health, registry: served, clock, metrics };
  const { methods, xdsMethods } = streams;
  const sinks = await openSinkListener({ ...common, security, methods, log: log.logger.scope("mcp") });
  listeners.push(sinks);
  xds = await openXdsListener({ ...common, methods: xdsMethods, log: log.logger.scope("xds") });
  if (xds !== undefined) listeners.push(xds);
  keepProbeFiles({ values, missing, clock, log: log.logger.scope("server") }, stack);
  pipeline.start();
  return {
    ...admin,
    address: formatAddress(sinks.address),
    xds,
    certificate: security.certificate,
    pipeline,
    hub,
    rescan,
    [Symbol.asyncDispose]: () => stack[Symbol.asyncDispose](),
  };

  function rescan(): void {
    log.logger.info("looking again at every file");
    sources.files.rescan();
    void security.look();
    void xds?.look();
  }
}
