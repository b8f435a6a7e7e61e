import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { codes, type Status } from "../../src/grpc/status.ts";
import type { Metadata } from "../../src/grpc/metadata.ts";
import { VERSION_HEADER } from "../../src/mcp/protocol.ts";
import {
  RequestResourcesSchema,
  type Resources,
  ResourcesSchema,
} from "../../src/wire/gen/istio13/mcp/v1alpha1/mcp_pb.ts";
import type { MemoryClient } from "../support/memory-pipe.ts";
import { BUILD } from "../support/memory-server.ts";
import type { Paper } from "./door/papers.ts";
import type { Findings } from "./findings.ts";
import type { Oracle, SinkRequest } from "./oracle.ts";
import { visible } from "./pool.ts";
import type { SinkCall } from "./sink-call.ts";
import type { Sink } from "./sink.ts";
import type { Watched } from "./witness.ts";

/** Something on its way to the server. */
type Mail =
  | { readonly kind: "request"; readonly request: SinkRequest }
  /** Bytes that end the stream with a code, or with none go unanswered. */
  | { readonly kind: "odd"; readonly bytes: Uint8Array; readonly endsWith: number | undefined }
  | { readonly kind: "half-close" };

/** One stream as its sink sees it: what it sent that has not arrived, and what it got that it has not answered. */
export class Line implements MemoryClient, Watched {
  /** Set right after the line was given to the call. */
  call!: SinkCall;
  readonly name: string;
  /** What its sink showed when it connected. */
  readonly paper: Paper;
  /** Whether the server has let it through to what is served. */
  isServed = false;
  readonly oracle: Oracle;
  /** What was said and is on its way. */
  readonly uplink: Mail[] = [];
  /** What has come as far as the server's door. */
  readonly #arrived: Mail[] = [];
  /** Pushes that came and are not answered. */
  readonly unanswered: Resources[] = [];
  /** Nonces that were answered. */
  readonly spent: string[] = [];
  readonly asked: Set<string> = new Set();
  isOver = false;
  /** Whether the sink has said its last word, and whether the server has heard it. */
  #isLastSaid = false;
  #isLastHeard = false;
  readonly #findings: Findings;
  #sawHeaders = false;
  /** Codes with which the server may end this stream. */
  readonly #endings = new Set<number>();

  constructor(sink: Pick<Sink, "paper">, name: string, oracle: Oracle, findings: Findings) {
    this.paper = sink.paper;
    this.name = name;
    this.oracle = oracle;
    this.#findings = findings;
  }

  headers(metadata: Metadata): void {
    this.#check(!this.#sawHeaders, "I1: headers came twice");
    this.#check(this.isServed, "I13: headers came although nobody serves it");
    const version = metadata.find(([key]) => key === VERSION_HEADER)?.[1];
    this.#check(version === BUILD, `I1: the headers say version ${version}`);
    this.#sawHeaders = true;
  }

  message(bytes: Uint8Array): void {
    this.#check(this.#sawHeaders, "I1: a message came before the headers");
    const message = fromBinary(ResourcesSchema, bytes);
    const { collection, nonce } = message;
    const twice = this.unanswered.some((other) => other.collection === collection);
    this.#check(!twice, `I2: push ${nonce} of ${collection} came while another is unanswered`);
    for (const carried of message.resources) {
      const { name = "", version = "" } = carried.metadata ?? {};
      const body = visible(collection, name, version)?.body;
      const same =
        body?.typeUrl === carried.body?.typeUrl && Buffer.compare(body?.value ?? none, bodyOf(carried)) === 0;
      this.#check(
        body !== undefined && same,
        `I12: ${name}@${version} of ${collection} has a body that is not its own`,
      );
    }
    this.unanswered.push(message);
  }

  ended(status: Status | undefined): void {
    this.isOver = true;
    this.#findings.met(status === undefined ? "a stream cut off" : "a stream ended");
    const code = status?.code;
    this.#check(
      code === undefined || this.#endings.has(code),
      `the stream ended with ${code}, ${status?.message}, for no reason`,
    );
  }

  /** From now on the server may end the stream with this code. */
  mayEndWith(code: number): void {
    this.#endings.add(code);
  }

  say(request: SinkRequest): void {
    if (request.kind === "subscribe") this.asked.add(request.collection);
    this.uplink.push({ kind: "request", request });
  }

  sayOdd(bytes: Uint8Array, endsWith: number | undefined): void {
    this.uplink.push({ kind: "odd", bytes, endsWith });
  }

  halfClose(): void {
    this.uplink.push({ kind: "half-close" });
  }

  /** The next thing that was said arrives. */
  arrive(): void {
    const mail = this.uplink.shift();
    if (mail === undefined || this.call.isEnded || this.#isLastSaid) return;
    this.#arrived.push(mail);
    this.#isLastSaid = mail.kind === "half-close";
    if (mail.kind === "half-close") this.call.halfClose();
    else this.call.deliver(mail.kind === "odd" ? mail.bytes : encode(mail.request));
  }

  /** Runs `hand`, by which the server hears the next thing that has come to its door. */
  reaches(hand: () => void): void {
    const mail = this.#arrived.shift()!;
    if (mail.kind === "half-close") {
      this.#endings.add(codes.OK);
      this.#isLastHeard = true;
      hand();
    } else if (mail.kind === "odd") {
      if (mail.endsWith !== undefined) this.#endings.add(mail.endsWith);
      hand();
      this.#check(mail.endsWith === undefined || this.call.isEnded, "nonsense was taken for good");
    } else this.oracle.arrives(mail.request, hand);
  }

  /** The server has done all that it had to do: what it had to send before the end is sent. */
  rests(): void {
    this.oracle.rests();
    const goesOn = this.#isLastHeard && !this.oracle.isWaiting;
    this.#check(!goesOn, "the stream goes on although the sink has said its last word, and nothing is due");
  }

  /** The server hands a message to the transport. */
  sends(bytes: Uint8Array): void {
    this.oracle.sends(bytes);
  }

  #check(holds: boolean, otherwise: string): void {
    this.#findings.check(holds, `${this.name}: ${otherwise}`);
  }
}

const none = new Uint8Array(0);

function bodyOf(resource: Resources["resources"][number]): Uint8Array {
  return resource.body?.value ?? none;
}

/** The bytes of a request, written by the generated code. */
function encode(request: SinkRequest): Uint8Array {
  const { collection, incremental } = request;
  const answer = request.kind === "subscribe" ? {} : { responseNonce: request.nonce };
  const error = request.kind === "nack" ? { errorDetail: { code: 3, message: "refused" } } : {};
  const kept = request.kind === "subscribe" ? { initialResourceVersions: Object.fromEntries(request.kept) } : {};
  const sinkNode = { id: "sink" };
  return toBinary(
    RequestResourcesSchema,
    create(RequestResourcesSchema, { sinkNode, collection, incremental, ...answer, ...error, ...kept }),
  );
}
