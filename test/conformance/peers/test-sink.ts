import type { BackoffOptions } from "../../../src/lib/backoff.ts";
import type { Apply, Change } from "../../../src/model/received/change.ts";
import { runSink, type SinkEvent, type SinkOptions } from "../../../src/mcp/sink/client.ts";
import { RequestJournal } from "../../../src/mcp/sink/journal.ts";
import { Arrivals } from "./waiting.ts";
import { GATEWAYS } from "./messages.ts";

/** Reconnects at once: what happens is looked at, not when. */
export const eager: BackoffOptions = { minMs: 1, maxMs: 1, factor: 1, jitter: 0 };

/** Our client sink under test, with all that it tells written down. Disposing it stops it and waits for its end. */
export class TestSink implements AsyncDisposable {
  readonly applied: Change[] = [];
  readonly events: Arrivals<SinkEvent> = new Arrivals<SinkEvent>();
  readonly journal: RequestJournal = new RequestJournal();
  /** Settles as `runSink` does. */
  readonly ended: Promise<void>;
  readonly #stop = new AbortController();

  constructor(address: string, options: Partial<SinkOptions> = {}) {
    const apply: Apply = options.apply ?? (() => undefined);
    this.ended = runSink({
      address,
      collections: [GATEWAYS],
      signal: this.#stop.signal,
      journal: this.journal,
      backoff: eager,
      onEvent: (event) => this.events.add(event),
      ...options,
      apply: (change, signal) => {
        this.applied.push(change);
        return apply(change, signal);
      },
    });
    this.ended.catch(() => undefined);
  }

  stop(): void {
    this.#stop.abort();
  }

  /** The next event of a kind; those before it are passed over. */
  async event<Kind extends SinkEvent["kind"]>(kind: Kind): Promise<SinkEvent & { kind: Kind }> {
    for (;;) {
      const event = await this.events.next();
      if (event.kind === kind) return event as SinkEvent & { kind: Kind };
    }
  }

  /** Names and versions of what was applied, change by change. */
  get versions(): Record<string, string>[] {
    return this.applied.map(({ resources }) => Object.fromEntries(resources.map((r) => [r.name, r.version])));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.stop();
    await this.ended;
  }
}
