import type { Push } from "../../src/distribution/subscription.ts";
import type { Collection } from "../../src/model/names.ts";
import type { Wake } from "../../src/snapshot/feed.ts";
import { Hub, type Snapshot } from "../../src/snapshot/hub.ts";
import type { Table } from "../../src/snapshot/table.ts";
import type { Source, SourceBatch } from "../../src/sources/source.ts";
import type { Seams } from "../support/memory-server.ts";
import { published } from "./pool.ts";

interface HubFault {
  readonly losesWakes?: boolean;
  readonly keepsWatchers?: boolean;
  readonly lags?: boolean;
  readonly hidesEmpty?: boolean;
}

export function faultyHub(fault: HubFault): Seams {
  return { hub: (groupOf) => new FaultyHub(groupOf, fault) };
}

class FaultyHub extends Hub {
  readonly #fault: HubFault;
  readonly #wrapped = new Map<Wake, Wake>();
  #wakes = 0;
  #before: Snapshot | undefined;

  constructor(groupOf: ConstructorParameters<typeof Hub>[0], fault: HubFault) {
    super(groupOf);
    this.#fault = fault;
  }

  override watch(collection: Collection, wake: Wake): void {
    if (this.#fault.losesWakes !== true) {
      super.watch(collection, wake);
      return;
    }
    const wrapped = this.#wrapped.get(wake) ?? ((changed) => ++this.#wakes % 3 !== 0 && wake(changed));
    this.#wrapped.set(wake, wrapped);
    super.watch(collection, wrapped);
  }

  override unwatch(collection: Collection, wake: Wake): void {
    if (this.#fault.keepsWatchers !== true) super.unwatch(collection, this.#wrapped.get(wake) ?? wake);
  }

  override publish(...[group, snapshot]: Parameters<Hub["publish"]>): readonly Collection[] {
    this.#before = this.snapshots.get(group);
    return super.publish(group, snapshot);
  }

  override latest(collection: Collection): Table | undefined {
    const latest = super.latest(collection);
    if (this.#fault.hidesEmpty === true && latest?.size === 0) return undefined;
    return (this.#fault.lags === true && this.#before?.get(collection)) || latest;
  }
}

/** A server that encodes something else than what was decided. */
export function faultyEncode(change: (push: Push) => Push): Seams {
  return { encode: (encode) => (feed, push) => encode(feed, change(push)) };
}

interface SourceFault {
  readonly syncsAtOnce?: boolean;
  /** When it is started anew, that is. */
  readonly syncsAtOnceAgain?: boolean;
  readonly empties?: boolean;
}

export function faultySource(fault: SourceFault): Seams {
  return { source: (source) => new FaultySource(source, fault) };
}

class FaultySource implements Source {
  readonly name: string;
  readonly #source: Source;
  readonly #fault: SourceFault;
  #reads = 0;

  constructor(source: Source, fault: SourceFault) {
    this.name = source.name;
    this.#source = source;
    this.#fault = fault;
  }

  async *read(signal: AbortSignal): AsyncIterable<SourceBatch> {
    const isAgain = this.#reads++ > 0;
    if (this.#fault.syncsAtOnce === true || (isAgain && this.#fault.syncsAtOnceAgain === true))
      yield { kind: "synced" };
    for await (const batch of this.#source.read(signal)) {
      yield batch;
      if (batch.kind !== "degraded" || this.#fault.empties !== true) continue;
      for (const collection of published) yield { kind: "replace", collection, resources: [] };
    }
  }
}
