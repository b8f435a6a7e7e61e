import type { IncomingMessage } from "node:http";

import type { Logger } from "../lib/logger.ts";
import { listen } from "./http/listen.ts";
import type { HttpLimits, Listener } from "./http/listen.ts";
import { text } from "./http/reply.ts";
import type { Reply } from "./http/reply.ts";

/** What the probes ask. */
interface Health {
  /** What keeps Galley from being ready, a sentence each; empty when it is ready. */
  missing(): readonly string[];
}

export interface MonitoringOptions {
  /** An IP address or host name; `""` and `*` stand for every interface. */
  readonly address: string;
  readonly port: number;
  readonly metrics: { render(): Promise<string>; readonly contentType: string };
  readonly health: Health;
  /** One line that tells the build. */
  readonly version: string;
  readonly log: Logger;
  readonly limits?: HttpLimits;
}

interface Path {
  readonly meaning: string;
  readonly answer: (options: MonitoringOptions) => Reply | Promise<Reply>;
}

const paths: Readonly<Record<string, Path>> = {
  "/metrics": {
    meaning: "metrics, in the text format of Prometheus",
    async answer({ metrics }) {
      return { status: 200, contentType: metrics.contentType, body: await metrics.render() };
    },
  },
  "/version": {
    meaning: "the build that runs",
    answer: ({ version }) => text(200, version),
  },
  "/healthz": {
    meaning: "200 while the process answers",
    answer: () => text(200, "alive\n"),
  },
  "/readyz": {
    meaning: "200 once there is something to serve, 503 and what is missing before that",
    answer({ health }) {
      const missing = health.missing();
      if (missing.length === 0) return text(200, "ready\n");
      return text(503, `not ready\n${missing.map((what) => `- ${what}\n`).join("")}`);
    },
  },
};

const index = Object.entries(paths)
  .map(([path, { meaning }]) => `${path.padEnd(10)} ${meaning}\n`)
  .join("");

/**
 * Serves metrics, version and probes over HTTP.
 * @throws GalleyError `GLY_LISTEN` when the port can't be had.
 */
export function serveMonitoring(options: MonitoringOptions): Promise<Listener> {
  return listen({
    ...options,
    purpose: "monitoring",
    flag: "--monitoring-port",
    answer: (request) => answer(request, options),
  });
}

function answer({ method, url = "/" }: IncomingMessage, options: MonitoringOptions): Reply | Promise<Reply> {
  if (method !== "GET" && method !== "HEAD") {
    return text(405, "only GET and HEAD are answered here\n", { allow: "GET, HEAD" });
  }
  const path = url.split("?", 1)[0]!;
  if (path === "/") return text(200, index);
  if (!Object.hasOwn(paths, path)) return text(404, `nothing is served there; what is:\n${index}`);
  return paths[path]!.answer(options);
}
