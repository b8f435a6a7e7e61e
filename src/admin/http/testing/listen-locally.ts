import { silentLogger } from "../../../lib/logger.ts";
import { listen, type Listener, type ListenOptions } from "../listen.ts";
import { text } from "../reply.ts";

/** A server on any port of the loopback interface that tells everybody what was asked, unless `answer` does otherwise. */
export async function listenLocally(options: Partial<ListenOptions> = {}): Promise<Listener> {
  return await listen({
    address: "127.0.0.1",
    port: 0,
    purpose: "monitoring",
    flag: "--monitoring-port",
    log: silentLogger,
    answer: ({ url }) => text(200, `you asked for ${url}`),
    ...options,
  });
}
