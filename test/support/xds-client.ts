import { create, fromBinary, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import type { Any } from "@bufbuild/protobuf/wkt";
import type { StatusObject } from "@grpc/grpc-js";
import { Observed } from "../../src/grpc/testing/events.ts";
import { ResourceSchema } from "../../src/wire/gen/current/mcp/v1alpha1/resource_pb.ts";
import {
  DeltaDiscoveryRequestSchema,
  type DeltaDiscoveryResponse,
  DeltaDiscoveryResponseSchema,
  DiscoveryRequestSchema,
  type DiscoveryResponse,
  DiscoveryResponseSchema,
} from "../../src/wire/gen/envoy/service/discovery/v3/discovery_pb.ts";
import { AdsStream } from "../istiod/stream.ts";

const service = "/envoy.service.discovery.v3.AggregatedDiscoveryService";

/** Who asks, in the requests of clients that are not istiod. */
export const node = { id: "client-1", cluster: "test" };

let fences = 0;

/** A type that nobody knows and nobody has asked for. */
function nextFence(): string {
  return `test.example/v1/Fence${++fences}`;
}

/** What both protocols have: messages that come, and how the stream ends. */
class RawStream<Response extends { readonly typeUrl: string }> extends Observed implements Disposable {
  /** How the stream ended. */
  status: StatusObject | undefined;
  readonly #stream: AdsStream;
  readonly #arrived: Response[] = [];

  constructor(address: string, method: string, read: (bytes: Uint8Array) => Response) {
    super();
    this.#stream = new AdsStream(
      address,
      `${service}/${method}`,
      {
        message: (bytes) => {
          this.#arrived.push(read(bytes));
          this.changed();
        },
        ended: (status) => {
          this.status = status;
          this.changed();
        },
      },
      -1,
    );
  }

  sendBytes(bytes: Uint8Array): void {
    this.#stream.send(bytes);
  }

  /** Messages that have come and were not taken. */
  get unread(): number {
    return this.#arrived.length;
  }

  /** The next message; rejects when the stream ends first. */
  async next(): Promise<Response> {
    await this.until(() => this.#arrived.length > 0 || this.status !== undefined);
    const message = this.#arrived.shift();
    if (message === undefined) throw new Error(`the stream ended: ${JSON.stringify(this.status)}`);
    return message;
  }

  /** How the stream ends. */
  async ended(): Promise<StatusObject> {
    await this.until(() => this.status !== undefined);
    return this.status!;
  }

  halfClose(): void {
    this.#stream.halfClose();
  }

  pause(): void {
    this.#stream.pause();
  }

  resume(): void {
    this.#stream.resume();
  }

  [Symbol.dispose](): void {
    this.#stream.cancel();
  }
}

/** A client of the state of the world, whose every request is written by the test. */
export class SotwClient extends RawStream<DiscoveryResponse> {
  constructor(address: string) {
    super(address, "StreamAggregatedResources", (bytes) => fromBinary(DiscoveryResponseSchema, bytes));
  }

  send(request: MessageInitShape<typeof DiscoveryRequestSchema>): void {
    this.sendBytes(toBinary(DiscoveryRequestSchema, create(DiscoveryRequestSchema, request)));
  }

  /** Asks for a type as clients do with their first request, by names or for everything. */
  subscribe(typeUrl: string, ...resourceNames: readonly string[]): void {
    this.send({ node, typeUrl, resourceNames: [...resourceNames] });
  }

  ack({ typeUrl, versionInfo, nonce }: DiscoveryResponse, ...resourceNames: readonly string[]): void {
    this.send({ typeUrl, versionInfo, responseNonce: nonce, resourceNames: [...resourceNames] });
  }

  /** The next answer, acknowledged. */
  async take(...resourceNames: readonly string[]): Promise<DiscoveryResponse> {
    const response = await this.next();
    this.ack(response, ...resourceNames);
    return response;
  }

  /**
   * Resolves when nothing is due: types that nobody knows are answered, with nothing, and by nothing else. Twice, as answers
   * have an order of their own.
   */
  async silence(): Promise<void> {
    for (let i = 0; i < 2; i++) {
      const typeUrl = nextFence();
      this.subscribe(typeUrl);
      const answer = await this.take();
      if (answer.typeUrl !== typeUrl)
        throw new Error(`an answer of ${answer.typeUrl} was due: ${namesIn(answer).join()}`);
    }
    if (this.unread > 0) throw new Error(`${this.unread} answers were due`);
  }

  nack({ typeUrl, nonce }: DiscoveryResponse, ...resourceNames: readonly string[]): void {
    const errorDetail = { code: 3, message: "refused by the test" };
    this.send({ typeUrl, responseNonce: nonce, errorDetail, resourceNames: [...resourceNames] });
  }
}

/** A client of deltas, whose every request is written by the test. */
export class DeltaClient extends RawStream<DeltaDiscoveryResponse> {
  constructor(address: string) {
    super(address, "DeltaAggregatedResources", (bytes) => fromBinary(DeltaDiscoveryResponseSchema, bytes));
  }

  send(request: MessageInitShape<typeof DeltaDiscoveryRequestSchema>): void {
    this.sendBytes(toBinary(DeltaDiscoveryRequestSchema, create(DeltaDiscoveryRequestSchema, request)));
  }

  /** Asks for a type as clients do with their first request; without names that means everything. */
  subscribe(typeUrl: string, ...names: readonly string[]): void {
    this.send({ node, typeUrl, resourceNamesSubscribe: [...names] });
  }

  ack({ typeUrl, nonce }: DeltaDiscoveryResponse): void {
    this.send({ typeUrl, responseNonce: nonce });
  }

  /** The next answer, acknowledged. */
  async take(): Promise<DeltaDiscoveryResponse> {
    const response = await this.next();
    this.ack(response);
    return response;
  }

  /** Resolves when nothing is due: a name that nobody has is answered, twice, and by nothing else. */
  async silence(): Promise<void> {
    for (let i = 0; i < 2; i++) {
      const typeUrl = nextFence();
      this.send({ node, typeUrl, resourceNamesSubscribe: ["a/fence"] });
      const answer = await this.take();
      const said = JSON.stringify([answer.typeUrl, deltaIn(answer)]);
      if (said !== JSON.stringify([typeUrl, { resources: [], removed: ["a/fence"] }]))
        throw new Error(`due was ${said}`);
    }
    if (this.unread > 0) throw new Error(`${this.unread} answers were due`);
  }

  nack({ typeUrl, nonce }: DeltaDiscoveryResponse): void {
    this.send({ typeUrl, responseNonce: nonce, errorDetail: { code: 3, message: "refused by the test" } });
  }
}

/** What a wrapped resource says of itself. */
export function unwrap(any: Any | undefined): { readonly name: string; readonly version: string; readonly body: Any } {
  const { metadata, body } = fromBinary(ResourceSchema, any!.value);
  return { name: metadata!.name, version: metadata!.version, body: body! };
}

/** `{name: version}` of an answer's resources, by what the wrapped resources say. */
export function sotwVersions(response: DiscoveryResponse): Record<string, string> {
  return Object.fromEntries(
    response.resources.map((any) => {
      const { name, version } = unwrap(any);
      return [name, version];
    }),
  );
}

/** Names in an answer, sorted. */
export function namesIn(response: DiscoveryResponse): readonly string[] {
  return Object.keys(sotwVersions(response)).sort();
}

/** Versions by name, as a delta says them. */
export function deltaVersions({ resources }: DeltaDiscoveryResponse): Record<string, string> {
  return Object.fromEntries(resources.map(({ name, version }) => [name, version]));
}

/** What a delta says: names of what comes and of what goes, sorted. */
export function deltaIn(response: DeltaDiscoveryResponse): {
  readonly resources: readonly string[];
  readonly removed: readonly string[];
} {
  return {
    resources: response.resources.map(({ name }) => name).sort(),
    removed: [...response.removedResources].sort(),
  };
}
