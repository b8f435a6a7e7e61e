import type { Logger } from "../../lib/logger.ts";
import { listen } from "../http/listen.ts";
import type { HttpLimits, Listener } from "../http/listen.ts";
import { isLoopbackAddress } from "../http/loopback.ts";
import { bar } from "./guard.ts";
import { refuse, Router } from "./router.ts";
import type { Topic } from "./topic.ts";

export interface IntrospectionOptions {
  /** An IP address or host name; `""` and `*` stand for every interface. Only on loopback are readers of this machine only. */
  readonly address: string;
  readonly port: number;
  readonly topics: readonly Topic[];
  readonly log: Logger;
  readonly limits?: HttpLimits;
}

/**
 * Serves the topics as JSON under `/api/v1/` (docs/introspection.md).
 * @throws GalleyError `GLY_LISTEN` when the port can't be had.
 */
export async function serveIntrospection(options: IntrospectionOptions): Promise<Listener> {
  const { log } = options;
  const router = new Router(options.topics);
  let isOnLoopback = true;
  const listener = await listen({
    ...options,
    purpose: "introspection",
    flag: "--ctrlz-port",
    async answer(request) {
      const barred = bar(request, isOnLoopback);
      const peer = request.socket.remoteAddress;
      if (barred !== undefined) {
        log.warn(`request turned away: ${barred.message}`, { peer, host: request.headers.host, code: barred.code });
        return refuse({ ...barred, status: 403 });
      }
      const reply = await router.answer(request);
      if (reply.status === 202)
        log.info("changed over introspection", { peer, method: request.method, path: request.url });
      return reply;
    },
  });
  isOnLoopback = isLoopbackAddress(listener.address);
  return listener;
}
