import { codes, type Status } from "../../../src/grpc/status.ts";
import type { Request, Verdict } from "../../../src/distribution/subscription.ts";
import { type PlainPush, wantedOf } from "../../property/interests/wish.ts";
import type { MemoryCall } from "../../support/memory-call.ts";
import type { MemoryClient } from "../../support/memory-pipe.ts";
import type { Findings } from "../findings.ts";
import type { Random } from "../random.ts";
import type { Versions } from "../truth.ts";
import type { Watched } from "../witness.ts";
import type { Consumer } from "./consumer.ts";
import { kindOf } from "./kinds.ts";
import { Topic } from "./topic.ts";
import { isTranslated, type Translations } from "./translations.ts";
import type { Views } from "./views.ts";
import { decode, encode } from "./wire.ts";

/** Something that has come to the server's door. */
type Mail =
  | { readonly kind: "request"; readonly topic: Topic; readonly request: Request }
  | { readonly kind: "odd"; readonly endsWith: number }
  | { readonly kind: "half-close" };

export interface XdsLineDeps {
  readonly consumer: Consumer;
  readonly name: string;
  readonly views: Views;
  readonly translations: Translations;
  readonly versions: Versions;
  readonly findings: Findings;
  /** Whether pushes may have to wait for room, and others go before them. */
  readonly isPaced: boolean;
  /** Milliseconds. */
  readonly now: () => number;
}

/** One xDS stream: what its client sees of it, and how each type on it is judged. */
export class XdsLine implements MemoryClient, Watched {
  /** Set right after the line was given to the call. */
  call!: MemoryCall;
  readonly name: string;
  isServed = false;
  isOver = false;
  readonly #deps: XdsLineDeps;
  readonly #topics = new Map<string, Topic>();
  readonly #arrived: Mail[] = [];
  readonly #endings = new Set<number>();
  #nonce = 0;
  #isIntroduced = false;
  /** Whether the client has said its last word, and whether the server has heard it. */
  #isLastSaid = false;
  #isLastHeard = false;

  constructor(deps: XdsLineDeps) {
    this.#deps = deps;
    this.name = deps.name;
  }

  /** The types that were asked for, by URL. */
  get topics(): ReadonlyMap<string, Topic> {
    return this.#topics;
  }

  /** Asks for a type for the first time on this stream. */
  ask(url: string): void {
    const { consumer, views } = this.#deps;
    const kind = kindOf(url);
    const topic = new Topic({
      client: consumer.client(url),
      rank: kind.rank,
      view: () => views.view(kind, consumer.revision),
      found: (what) => this.#check(false, `${what}, in ${url}`),
      met: (what) => this.#deps.findings.met(what),
    });
    this.#topics.set(url, topic);
  }

  /** The next thing that was said of a type arrives; gives the type. */
  arrive(random: Random): string | undefined {
    const speaking = [...this.#topics].filter(([, { client }]) => client.uplink.length > 0);
    if (speaking.length === 0 || this.call.isEnded || this.#isLastSaid) return undefined;
    const [url, topic] = random.pick(speaking);
    const { consumer, translations } = this.#deps;
    const request = topic.client.uplink.shift()!;
    // istiod says who it is on the first request of a stream, and on every answer.
    const isNamed = !this.#isIntroduced || (consumer.isIstiod && request.kind !== "subscribe");
    this.#isIntroduced = true;
    const wording = {
      typeUrl: url,
      node: isNamed ? consumer.metadata : undefined,
      madeUp: consumer.isIstiod ? "2026-08-22 15:00:18.1 +0000 UTC m=+1.0" : "",
    };
    this.#arrived.push({ kind: "request", topic, request });
    this.#deps.views.asked(kindOf(url));
    this.call.deliver(encode(consumer.speech, request, wording, translations));
    return url;
  }

  /** Bytes arrive that end the stream with a code. */
  sayOdd(bytes: Uint8Array, endsWith: number): void {
    if (this.#isLastSaid) return;
    this.#arrived.push({ kind: "odd", endsWith });
    this.call.deliver(bytes);
  }

  halfClose(): void {
    if (this.#isLastSaid) return;
    this.#isLastSaid = true;
    this.#arrived.push({ kind: "half-close" });
    this.call.halfClose();
  }

  get isIntroduced(): boolean {
    return this.#isIntroduced;
  }

  reaches(hand: () => void): void {
    const mail = this.#arrived.shift()!;
    if (mail.kind === "request") {
      mail.topic.reaches(mail.request, hand);
      return;
    }
    this.#endings.add(mail.kind === "odd" ? mail.endsWith : codes.OK);
    this.#isLastHeard = mail.kind === "half-close";
    hand();
    this.#check(this.#isLastHeard || this.call.isEnded, "nonsense was taken for good");
  }

  /** The server made this of what was said. */
  judged(url: string, verdict: Verdict): void {
    const topic = this.#topics.get(url);
    if (topic === undefined) this.#check(false, `${verdict} is said of ${url}, which nobody asked for`);
    else topic.judged(verdict);
  }

  /** The server hands a response to the transport. */
  sends(bytes: Uint8Array): void {
    const { consumer, translations, views, versions } = this.#deps;
    const { typeUrl, version, push, faults } = decode(consumer.speech, bytes, translations);
    for (const fault of faults) this.#check(false, `I12: ${fault}, in push ${push.nonce} of ${typeUrl}`);
    this.#check(push.nonce === String(++this.#nonce), `the nonce of push ${this.#nonce} is ${push.nonce}`);
    const topic = this.#topics.get(typeUrl);
    if (topic === undefined) {
      this.#check(false, `I3: ${typeUrl} is sent, and nobody asked`);
      return;
    }
    this.#note(typeUrl, push);
    this.#checkOrder(typeUrl, topic);
    const wish = topic.wish;
    topic.sends(push, this.#deps.now());
    // The same content has the same version whatever the protocol (I12).
    const view = views.view(kindOf(typeUrl), consumer.revision);
    if (wish !== undefined && view !== undefined) versions.note(version, wantedOf(wish, view));
  }

  #checkOrder(typeUrl: string, { place }: Topic): void {
    if (this.#deps.isPaced || place === undefined) return;
    for (const [url, other] of this.#topics) {
      const first = other.place;
      this.#check(first === undefined || first >= place, `${typeUrl} is sent before ${url}, which it may refer to`);
      if (first !== undefined && first > place) this.#deps.findings.met("over xDS: types in order");
    }
  }

  #note(typeUrl: string, { kind, upserts, removed }: PlainPush): void {
    const { findings } = this.#deps;
    findings.met(kind === "full" ? "over xDS: everything" : "over xDS: a delta");
    if (removed.length > 0) findings.met("over xDS: removals");
    if ([...upserts.keys()].some(isTranslated)) findings.met("over xDS: a translated plugin");
    if (kindOf(typeUrl).collections.length === 0) findings.met("over xDS: an answer to what nobody knows");
  }

  /** The server has done all that it had to do. */
  rests(): void {
    const topics = [...this.#topics.values()];
    for (const topic of topics) topic.rests();
    const goesOn = this.#isLastHeard && !topics.some(({ isWaiting }) => isWaiting);
    this.#check(!goesOn, "the stream goes on although the client has said its last word, and nothing is due");
  }

  headers(): void {
    this.#check(this.isServed, "headers came although nobody serves it");
  }

  message(bytes: Uint8Array): void {
    const { consumer, translations } = this.#deps;
    const { typeUrl, push } = decode(consumer.speech, bytes, translations);
    this.#topics.get(typeUrl)?.client.mail.push(push);
  }

  ended(status: Status | undefined): void {
    this.isOver = true;
    const code = status?.code;
    this.#check(
      code === undefined || this.#endings.has(code),
      `the stream ended with ${code}, ${status?.message}, for no reason`,
    );
  }

  mayEndWith(code: number): void {
    this.#endings.add(code);
  }

  #check(holds: boolean, otherwise: string): void {
    this.#deps.findings.check(holds, `${this.name}: ${otherwise}`);
  }
}
