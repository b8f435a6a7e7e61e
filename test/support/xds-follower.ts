import type { DeltaDiscoveryResponse } from "../../src/wire/gen/envoy/service/discovery/v3/discovery_pb.ts";
import { DeltaClient, node } from "./xds-client.ts";

/** A client of deltas that takes what it is sent, comes back with what it holds, and refuses an answer where told to. */
export class DeltaFollower implements Disposable {
  readonly #typeUrl: string;
  readonly #names: readonly string[];
  readonly #held = new Map<string, string>();
  #client: DeltaClient | undefined;
  /** Answers that are refused from now on; what is right in them is taken in all the same. */
  refusals = 0;
  /** What came that should not have: a resource that was not named, or a removal of what nobody asked for. */
  readonly surprises: string[] = [];

  /** @param names what it follows; none means everything */
  constructor(typeUrl: string, ...names: readonly string[]) {
    this.#typeUrl = typeUrl;
    this.#names = names;
  }

  /** Opens a stream, breaking off the one before. */
  connect(address: string): void {
    this.#client?.[Symbol.dispose]();
    const client = new DeltaClient(address);
    this.#client = client;
    client.send({
      node,
      typeUrl: this.#typeUrl,
      resourceNamesSubscribe: [...this.#names],
      initialResourceVersions: Object.fromEntries(this.#held),
    });
    void this.#follow(client);
  }

  /** Resolves when it holds exactly these versions, by name. */
  async holds(wanted: ReadonlyMap<string, string>): Promise<void> {
    const isSame = (): boolean =>
      wanted.size === this.#held.size && [...wanted].every(([name, version]) => this.#held.get(name) === version);
    await this.#client!.until(isSame);
  }

  [Symbol.dispose](): void {
    this.#client?.[Symbol.dispose]();
  }

  async #follow(client: DeltaClient): Promise<void> {
    for (;;) {
      const response = await client.next().catch(() => undefined);
      if (response === undefined || client !== this.#client) return;
      this.#take(response);
      if (this.refusals > 0) {
        this.refusals--;
        client.nack(response);
      } else client.ack(response);
      client.changed();
    }
  }

  #take({ resources, removedResources }: DeltaDiscoveryResponse): void {
    for (const { name, version } of resources) {
      if (this.#names.length > 0 && !this.#names.includes(name)) this.surprises.push(name);
      this.#held.set(name, version);
    }
    for (const name of removedResources) {
      if (this.#names.length > 0 && !this.#names.includes(name)) this.surprises.push(`-${name}`);
      this.#held.delete(name);
    }
  }
}
