import { silentObserver } from "../../../src/distribution/observer.ts";
import { systemClock } from "../../../src/lib/clock.ts";
import { silentLogger } from "../../../src/lib/logger.ts";
import { type CallOut, callOut, type CallOutOptions } from "../../../src/mcp/callout/callout.ts";
import { VERSION_HEADER } from "../../../src/mcp/protocol.ts";
import type { Collection } from "../../../src/model/names.ts";
import { istioCollections } from "../../../src/model/registry.ts";
import { createServingPath, type ServingPath } from "../../../src/server/serving-path.ts";
import type { Hub } from "../../../src/snapshot/hub.ts";
import { Table } from "../../../src/snapshot/table.ts";
import { makeResource } from "../../support/resources.ts";
import { eager } from "./test-sink.ts";
import { Arrivals } from "./waiting.ts";

/** What a call-out told of its connections. */
export type LineEvent =
  | { readonly kind: "connected"; readonly address: string }
  | { readonly kind: "disconnected"; readonly address: string; readonly code: number; readonly retryMs: number };

/** A call-out with a hub of its own behind it. */
export class TestCallOut implements AsyncDisposable {
  readonly hub: Hub;
  callOut!: CallOut;
  readonly #path: ServingPath;
  readonly events: Arrivals<LineEvent> = new Arrivals<LineEvent>();
  /** Codes of streams that failed to receive, as metrics count them. */
  readonly receiveFailures: number[] = [];
  #open = 0;

  constructor(addresses: readonly string[], options: Partial<CallOutOptions> = {}) {
    const line = {
      addresses,
      authMode: "NONE",
      meta: [[VERSION_HEADER, "test-build"]],
      observer: {
        ...silentObserver,
        streamOpened: () => void this.#open++,
        streamClosed: () => void this.#open--,
        receiveFailed: (code: number) => void this.receiveFailures.push(code),
      },
      backoff: eager,
      callOutObserver: {
        connected: (address: string) => this.events.add({ kind: "connected", address }),
        disconnected: (address: string, code: number, retryMs: number) =>
          this.events.add({ kind: "disconnected", address, code, retryMs }),
      },
      ...options,
    } as const;
    this.#path = createServingPath({
      sources: [],
      registry: istioCollections(),
      clock: systemClock,
      log: silentLogger,
      callOut: (deps) => (this.callOut = callOut({ ...deps, ...line })),
    });
    this.hub = this.#path.hub;
  }

  /** Streams that metrics count as open. */
  get open(): number {
    return this.#open;
  }

  publish(content: Record<string, Record<string, string>>): void {
    const tables = Object.entries(content).map(([collection, resources]): [Collection, Table] => [
      collection as Collection,
      Table.of(Object.entries(resources).map(([name, version]) => makeResource(collection, name, version))),
    ]);
    this.hub.publish("default", new Map(tables));
  }

  /** The next event of a kind; those before it are passed over. */
  async event<Kind extends LineEvent["kind"]>(kind: Kind): Promise<LineEvent & { kind: Kind }> {
    for (;;) {
      const event = await this.events.next();
      if (event.kind === kind) return event as LineEvent & { kind: Kind };
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#path.streams[Symbol.asyncDispose]();
  }
}
