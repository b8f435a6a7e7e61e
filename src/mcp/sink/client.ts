import { type ConnectionEvent, type ConnectionOptions, keepConnected } from "../../grpc/dial/keep-connected.ts";
import { SOURCE_STREAM } from "../protocol.ts";
import { type Answered, Exchange } from "./exchange.ts";
import type { SinkSettings } from "./settings.ts";
import { UnsupportedCollectionError, unsupportedIn } from "./unsupported.ts";

/** What a sink tells of its connection, and of what became of each push. */
export type SinkEvent = ConnectionEvent | Answered;

export interface SinkOptions extends SinkSettings, ConnectionOptions {
  /** Told of what happens, as it happens. Must not throw: that ends the sink. */
  readonly onEvent?: (event: SinkEvent) => void;
  /**
   * What a source that doesn't serve a collection leads to: it ends the whole stream for it. `throw` (the default) takes it
   * for a mistake and ends the sink; `retry` keeps asking, for sources that are about to be upgraded.
   */
  readonly whenUnsupported?: "throw" | "retry";
}

/**
 * Keeps a copy of a source's collections current until the signal aborts: connects, asks, applies one change at a time,
 * answers each, and reconnects with growing, jittered delays. A reconnect waits for an `apply` that still runs.
 *
 * Resolves when the signal has aborted and every socket and timer is gone. An `apply` that runs at that moment is told by
 * its signal, and not waited for.
 * @throws UnsupportedCollectionError when the source does not serve a collection (see `whenUnsupported`); Error when the
 * options can't be used.
 */
export async function runSink(options: SinkOptions): Promise<void> {
  const { address, onEvent = () => undefined, whenUnsupported = "throw" } = options;
  const exchange = new Exchange(options, onEvent);
  await keepConnected(
    options,
    {
      method: SOURCE_STREAM,
      async converse(port) {
        const end = await exchange.converse(port);
        return end === "garbage" ? "the source sent a message that is not of MCP" : undefined;
      },
      ended({ code, message }) {
        const collection = unsupportedIn(code, message);
        if (collection !== undefined && exchange.wants(collection) && whenUnsupported === "throw") {
          throw new UnsupportedCollectionError(address, collection);
        }
      },
    },
    onEvent,
  );
}
