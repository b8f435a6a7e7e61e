import type { X509Certificate } from "node:crypto";
import { createMetrics } from "../../admin/metrics/create.ts";
import { runtimeMetrics, servingMetrics } from "../../admin/metrics/observers.ts";
import { formatAddress } from "../../grpc/address.ts";
import { type AsyncStack, opening } from "../../lib/async-stack.ts";
import type { Clock } from "../../lib/clock.ts";
import { ChangeLog } from "../../runtime/change-log.ts";
import type { Pipeline, PipelineDeps } from "../../runtime/pipeline.ts";
import { publishWindow } from "../../runtime/publisher.ts";
import { SHUTDOWN_MS } from "../../server/listener.ts";
import { createServingPath } from "../../server/serving-path.ts";
import type { Hub } from "../../snapshot/hub.ts";
import type { CommandSettings } from "../command/command.ts";
import type { Log } from "../log/log.ts";
import type { Environment } from "../options/environment.ts";
import type { ServerOptions } from "../options/table.ts";
import { readBuildInfo } from "../version/build-info.ts";
import { type Admin, openAdmin } from "./admin.ts";
import { collectionsWithout } from "./collections.ts";
import { mcpOptions } from "./mcp.ts";
import { keepProbeFiles } from "./probe-files.ts";
import { missingFrom } from "./readiness.ts";
import { sharePlaces } from "./places.ts";
import { openSecurity } from "./security.ts";
import { openSinkListener } from "./sink-listener.ts";
import { createSources } from "./sources.ts";
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

  const sources = createSources({ settings, known, served, clock, log });
  const changes = new ChangeLog();
  const path = createServingPath({
    sources: sources.all,
    registry: served,
    clock,
    log: log.logger,
    pushDeadlineMs: values.pushDeadline,
    // What the table says by itself gives way to what is known of a client, what an operator says does not.
    ...(settings.isGiven("largePushSize") && { largePushBytes: values.largePushSize }),
    ...(await mcpOptions({ values, metrics, clock, version: build.version })),
    xds: { observer: servingMetrics(metrics, "xds") },
    pipeline: {
      observer: runtimeMetrics(metrics, clock, publishWindow.steadyMs),
      progress,
      onPublished: (published) => changes.record(published),
    },
    onReady,
  });
  const { hub, pipeline } = path;
  const streams = stack.use(path.streams);
  let xds: XdsListener | undefined;
  const missing = (): readonly string[] => missingFrom(pipeline);
  const shown = { registry: served, pipeline, hub, streams, changes, build, settings: () => settings.rows() };
  const admin = await openAdmin({ ...shown, values, metrics, clock, log, missing, rescan }, stack);

  // Closed in reverse: first nobody is served any more, then nothing is read.
  stack.use(pipeline);
  const listeners: Pick<XdsListener, "shutdown">[] = [];
  stack.defer(async () => void (await Promise.all(listeners.map((one) => one.shutdown(SHUTDOWN_MS)))));
  const maxConnections = sharePlaces(values, log.logger.scope("server"));
  const listening = { path, values, maxConnections, metrics };
  const sinks = await openSinkListener({ ...listening, security, log: log.logger.scope("mcp") });
  listeners.push(sinks);
  xds = await openXdsListener({ ...listening, log: log.logger.scope("xds") });
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
