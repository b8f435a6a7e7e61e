import type { Metrics } from "./create.ts";

/** What files that secure a server can be read anew. */
export type Reloaded = "credentials" | "access-list" | "xds-credentials";

/** Told what becomes of files that changed. */
export interface ReloadMetrics {
  reloaded(): void;
  refused(): void;
}

/** Counts what becomes of changed files; both results are there from the start, so that an alert sees the first failure. */
export function reloadMetrics(metrics: Metrics, what: Reloaded): ReloadMetrics {
  const [ok, failed] = [metrics.reloads.with(what, "ok"), metrics.reloads.with(what, "failed")];
  return { reloaded: () => ok.inc(), refused: () => failed.inc() };
}

/** What the transport reports of connections. */
export interface TransportMetrics {
  shookHands(how: "full" | "resumed"): void;
  refused(why: string): void;
  brokeOff(why: string): void;
}

export function transportMetrics(metrics: Metrics): TransportMetrics {
  return {
    shookHands: (how) => metrics.tlsHandshakes.with(how).inc(),
    refused: (why) => metrics.refusedConnections.with(why).inc(),
    brokeOff: (why) => metrics.brokenConnections.with(why).inc(),
  };
}

/** Counts streams that are refused. */
export function refusalMetrics(metrics: Metrics): (why: string) => void {
  return (why) => metrics.refusedStreams.with(why).inc();
}

/** Has the number of waiting streams asked for whenever the metrics are read. */
export function readWaiting(metrics: Metrics, guard: { readonly waiting: number }): void {
  metrics.waitingStreams.with().readFrom(() => guard.waiting);
}

/** Has the number of open connections asked for whenever the metrics are read. */
export function readConnections(metrics: Metrics, server: { readonly connections: number }): void {
  metrics.connections.with().readFrom(() => server.connections);
}

/** Has the expiry of the server's certificate, milliseconds since the epoch, asked for whenever the metrics are read. */
export function readExpiry(
  metrics: Metrics,
  keeper: { readonly expiryMs: number },
  certificate: "server" | "xds" = "server",
): void {
  metrics.certificateExpiry.with(certificate).readFrom(() => keeper.expiryMs / 1000);
}
