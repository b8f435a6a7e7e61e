import type { Request, Verdict } from "../../../src/distribution/subscription.ts";
import type { Client } from "../../property/interests/client.ts";
import { Oracle } from "../../property/interests/oracle.ts";
import type { PlainPush, Wish } from "../../property/interests/wish.ts";
import { type Content, textOf } from "../content.ts";

export interface TopicDeps {
  readonly client: Client;
  /** Of what is due at once, lower ranks go first; what only loses resources goes last, and in reverse. */
  readonly rank: number;
  /** What is there for the client, now. */
  readonly view: () => Content | undefined;
  /** Told what is wrong. */
  readonly found: (what: string) => void;
  readonly met: (what: string) => void;
}

/** More than twice any rank. */
const LAST = 100;

/** One type on one stream, as the specification has it: what the server makes of requests, and what it sends. */
export class Topic {
  readonly client: Client;
  readonly #deps: TopicDeps;
  readonly #oracle = new Oracle();
  /** What has reached the server and is not judged. */
  #reached: Request | undefined;
  /** A first request, or one like it, that waits for its turn. */
  #waiting: Request | undefined;
  /** When the push that is not answered was sent, milliseconds. */
  #sentAt: number | undefined;
  #seen = "";
  #isNewer = false;

  constructor(deps: TopicDeps) {
    this.client = deps.client;
    this.#deps = deps;
  }

  /** What its client wants, as far as the server has heard. */
  get wish(): Wish | undefined {
    return this.#oracle.wish;
  }

  /** Whether a subscribe waits for a token. */
  get isWaiting(): boolean {
    return this.#waiting !== undefined;
  }

  /** Whether its client has nothing to say and nothing to read. */
  get isQuiet(): boolean {
    return this.client.uplink.length === 0 && this.client.mail.length === 0 && !this.isWaiting;
  }

  /** Runs `hand`, by which a request reaches the server. */
  reaches(request: Request, hand: () => void): void {
    this.#reached = request;
    if (request.kind === "subscribe" && request.held instanceof Map) this.#deps.met("over xDS: a resume");
    hand();
    if (this.#reached === undefined) return;
    this.#reached = undefined;
    if (request.kind === "subscribe" && this.client.kind === "state") this.#waiting = request;
    else this.#deps.found(`a request (${request.kind}) is not judged at once`);
  }

  judged(verdict: Verdict): void {
    const request = this.#reached ?? this.#waiting;
    if (this.#reached === undefined) this.#waiting = undefined;
    this.#reached = undefined;
    if (request === undefined) {
      this.#deps.found(`${verdict} answers nothing that was said`);
      return;
    }
    this.#deps.met(`over xDS: ${verdict}`);
    if (verdict === "acked" || verdict === "nacked") this.#sentAt = undefined;
    this.#judge(() => this.#oracle.arrives(request, verdict));
  }

  /** Where it stands among what is due; `undefined` when nothing of it is, or nothing that refers or is referred to. */
  get place(): number | undefined {
    const due = this.#oracle.due(this.#deps.view());
    const { rank } = this.#deps;
    if (due === undefined || due === "nothing new") return undefined;
    return due === "removals" ? LAST - rank : rank;
  }

  /** Whether its client has owed an answer since before then. */
  isOwedSince(before: number): boolean {
    return this.#sentAt !== undefined && this.#sentAt < before;
  }

  sends(push: PlainPush, now: number): void {
    const view = this.#deps.view();
    this.#judge(() => this.#oracle.pushes(view, push));
    this.#sentAt = now;
    this.#seen = textOf(view);
    this.#isNewer = false;
  }

  /** Something else was published. */
  published(): void {
    if (this.#sentAt === undefined) return;
    const text = textOf(this.#deps.view());
    if (text === this.#seen) return;
    this.#seen = text;
    this.#isNewer = true;
  }

  /** The server looks for answers that have been owed since before then, where there is something newer to send. */
  sweep(before: number): void {
    if (this.#sentAt === undefined || !this.#isNewer || this.#sentAt >= before) return;
    this.#sentAt = undefined;
    this.#deps.met("over xDS: a push that was given up");
    this.#oracle.givesUp();
  }

  /** The server has done all that it had to do. */
  rests(): void {
    if (this.#sentAt !== undefined) return;
    this.#judge(() => this.#oracle.pushes(this.#deps.view(), undefined));
  }

  /** Whether what is there was refused as it is. */
  get isRefused(): boolean {
    const view = this.#deps.view();
    return view !== undefined && this.#oracle.isRefused(view);
  }

  #judge(judgement: () => void): void {
    try {
      judgement();
    } catch (error) {
      this.#deps.found(error instanceof Error ? error.message : String(error));
    }
  }
}
