import { status, type StatusObject } from "@grpc/grpc-js";
import { Observed } from "../../src/grpc/testing/events.ts";
import type { Cancel, Clock } from "../../src/lib/clock.ts";
import type { DiscoveryResponse } from "../../src/wire/gen/envoy/service/discovery/v3/discovery_pb.ts";
import { BackOff } from "./back-off.ts";
import { ConfigStore } from "./config-store.ts";
import { MESH_CONFIG_URL } from "./kinds.ts";
import type { Release } from "./releases.ts";
import { ackOf, defaultIdentity, type Identity, openingRequests } from "./requests.ts";
import { AdsStream } from "./stream.ts";
import { UpdateChannel } from "./update-channel.ts";
import { readResponse, STATE_OF_THE_WORLD } from "./wire.ts";

export interface IstiodOptions {
  readonly release: Release;
  /** `host:port`. */
  readonly address: string;
  /** What it waits on between two streams; a test moves it. */
  readonly clock: Clock;
  readonly identity?: Partial<Identity>;
  /** Uniform in [0, 1): the jitter of its back-off. */
  readonly random?: () => number;
}

/** An answer that came. */
export interface Arrival {
  readonly url: string;
  readonly version: string;
  readonly nonce: string;
  readonly resources: number;
  readonly bytes: number;
}

/**
 * An istiod that reads its configuration from a server: what it asks, what it answers, what it keeps, what it silently
 * drops, and where it hangs. It checks nothing; tests look at what has become of it.
 */
export class Istiod extends Observed implements Disposable {
  readonly release: Release;
  readonly store: ConfigStore;
  readonly channel: UpdateChannel;
  /** Every answer, in the order in which they came, over all streams. */
  readonly arrivals: Arrival[] = [];
  /** How its streams ended. */
  readonly ends: StatusObject[] = [];
  /** How long it waited, or waits, after each. */
  readonly delaysMs: number[] = [];
  /** It hangs in the handling of an answer, for ever. */
  hung = false;
  readonly #clock: Clock;
  readonly #identity: Identity;
  readonly #backOff: BackOff;
  readonly #answered = new Set<string>();
  readonly #retained = new Map<string, number>();
  #address: string;
  #stream: AdsStream | undefined;
  #retry: Cancel | undefined;
  #disposed = false;

  constructor({ release, address, clock, identity, random = Math.random }: IstiodOptions) {
    super();
    this.release = release;
    this.#address = address;
    this.#clock = clock;
    this.#identity = { ...defaultIdentity, ...identity };
    this.#backOff = new BackOff(random);
    this.store = new ConfigStore(release, this.#identity.revision);
    this.channel = new UpdateChannel(release);
    this.#connect();
  }

  /** Kinds that were never answered under the URL that was asked for. */
  get unanswered(): readonly string[] {
    return this.release.kinds.filter(({ url }) => !this.#answered.has(url)).map(({ kind }) => kind);
  }

  /** Whether it serves its own clients. */
  get ready(): boolean {
    return !this.hung && (!this.release.waitsForSync || this.unanswered.length === 0);
  }

  /** Bytes of the last answer of each type, which it keeps beside its store. */
  get retainedBytes(): number {
    return [...this.#retained.values()].reduce((sum, bytes) => sum + bytes, 0);
  }

  /** Resolves when every kind was answered. */
  async synced(): Promise<void> {
    await this.until(() => this.unanswered.length === 0);
  }

  /** Moves the address: what is reached by the next stream. */
  moveTo(address: string): void {
    this.#address = address;
  }

  /** Stops reading what comes: the server meets flow control. */
  pause(): void {
    this.#stream?.pause();
  }

  resume(): void {
    this.#stream?.resume();
  }

  /** Breaks off the stream, as a lost connection does; a new one is opened after the back-off. */
  disconnect(): void {
    this.#stream?.cancel();
  }

  [Symbol.dispose](): void {
    this.#disposed = true;
    this.#retry?.();
    this.#stream?.cancel();
  }

  #connect(): void {
    const { release } = this;
    const stream = new AdsStream(
      this.#address,
      STATE_OF_THE_WORLD,
      { message: (bytes) => this.#receive(stream, bytes), ended: (how) => this.#ended(how) },
      release.maxMessageBytes,
    );
    this.#stream = stream;
    for (const request of openingRequests(release, this.#identity)) stream.send(request);
  }

  #ended(how: StatusObject): void {
    this.#stream = undefined;
    if (this.#disposed) return;
    this.ends.push(how);
    if (!isUnreachable(how)) this.#backOff.reset();
    const delayMs = this.#backOff.delayMs();
    this.delaysMs.push(delayMs);
    if (!this.hung) this.#retry = this.#clock.schedule(delayMs, () => this.#connect());
    this.changed();
  }

  #receive(stream: AdsStream, bytes: Buffer): void {
    if (this.hung || this.#disposed) return;
    const response = readResponse(bytes);
    const { typeUrl: url, versionInfo: version, nonce, resources } = response;
    this.arrivals.push({ url, version, nonce, resources: resources.length, bytes: bytes.length });
    if (url !== MESH_CONFIG_URL || resources.length === 0) this.#take(stream, response, bytes.length);
    this.changed();
  }

  #take(stream: AdsStream, response: DiscoveryResponse, bytes: number): void {
    const { typeUrl: url } = response;
    const kind = this.release.kinds.find((kind) => kind.url === url);
    if (kind !== undefined) this.store.apply(kind, response.resources);
    if (!this.channel.offer(url, bytes)) {
      this.hung = true;
      stream.pause();
      return;
    }
    if (kind !== undefined) this.#answered.add(url);
    this.#retained.set(url, bytes);
    if (!url.startsWith("istio.io/debug")) stream.send(ackOf(this.release, this.#identity, response));
  }
}

/** Whether there never was a stream, for want of a connection. */
function isUnreachable({ code, details }: StatusObject): boolean {
  return code === status.UNAVAILABLE && details.startsWith("No connection established");
}
