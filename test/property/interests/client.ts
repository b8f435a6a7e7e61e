import type { Nonce, Request } from "../../../src/distribution/subscription.ts";
import type { ResourceName, ResourceVersion } from "../../../src/model/names.ts";
import { Table } from "../../../src/snapshot/table.ts";
import { asChange, asInterest, type Edit, edited, isWanted, type PlainPush, type Wish } from "./wish.ts";

/** How a client speaks: of the whole state of the world, or of deltas. */
export type Kind = "state" | "delta";

/** What a client names of what it has kept, when it comes back. */
export interface Kept {
  /** Whether it names anything at all: otherwise it begins with nothing. */
  readonly resumes: boolean;
  /** Names that it once held elsewhere. */
  readonly foreign: boolean;
  /** Whether one of its versions is of long ago. */
  readonly outdated: boolean;
}

/**
 * A client that does what xDS says, and nothing more: what it says arrives later, in order, and so does what it is sent. It
 * lets go of what it no longer wants at once.
 */
export class Client {
  readonly kind: Kind;
  wish: Wish = { all: false, names: new Set() };
  /** What it holds: versions by name. */
  readonly content: Map<string, string> = new Map();
  /** Names that it subscribed to and knows to be there, or not to be there. */
  readonly told: Set<string> = new Set();
  /** What it said that has not arrived. */
  uplink: Request[] = [];
  /** What was sent to it that it has not read. */
  mail: PlainPush[] = [];
  readonly spent: string[] = [];

  constructor(kind: Kind) {
    this.kind = kind;
  }

  /** Opens a stream. */
  connect(wish: Wish, { resumes, foreign, outdated }: Kept): void {
    this.uplink = [];
    this.mail = [];
    this.spent.length = 0;
    this.told.clear();
    if (this.kind === "delta" && !resumes) this.content.clear();
    this.#want(wish);
    if (this.kind === "delta" && resumes) {
      if (foreign) this.#holdForeign();
      const [first] = this.content.keys();
      if (outdated && first !== undefined) this.content.set(first, "long ago");
      for (const name of wish.names) if (this.content.has(name)) this.told.add(name);
    }
    const held = this.kind === "state" ? undefined : this.#versions();
    this.uplink.push({ kind: "subscribe", interest: asInterest(wish), incremental: this.kind === "delta", held });
    // It names what it may have no use for, too.
    this.#want(wish);
  }

  /** Wants something else from now on. @param forgets whether it lets go of what it dropped by name and still wants as one of all */
  change(edit: Edit, forgets: boolean): void {
    const before = this.wish;
    this.#take(edit, forgets);
    if (this.kind === "delta") {
      this.uplink.push({ kind: "adjust", change: asChange(edit) });
      return;
    }
    const interest = asInterest(this.wish);
    const nonce = this.spent.at(-1);
    // Before the first answer there is no nonce to speak under.
    if (nonce === undefined) this.uplink.push({ kind: "subscribe", interest, incremental: false, held: undefined });
    else if (before !== this.wish) {
      this.uplink.push({ kind: "ack", nonce: nonce as Nonce, incremental: false, change: { kind: "set", interest } });
    }
  }

  /** Answers what came first. @param takes how many of a refused push's parts it takes in all the same, as bits */
  answer(kind: "ack" | "nack", takes: number, edit: Edit | undefined): void {
    const push = this.mail.shift();
    if (push === undefined) return;
    this.spent.push(push.nonce);
    // What an answer asks for, and the push has, is not sent again: a server may not have heard that it was dropped meanwhile.
    if (edit !== undefined && this.kind === "state") this.#take(edit, false);
    if (kind === "ack") this.#apply(push, () => true);
    else if (this.kind === "delta") this.#apply(push, (at) => ((takes >> (at % 16)) & 1) === 1);
    if (edit !== undefined && this.kind === "delta") this.#take(edit, true);
    this.#say(kind, push.nonce, edit);
  }

  /** Says something under a nonce that is not due. */
  stale(kind: "ack" | "nack", old: boolean, edit: Edit | undefined): void {
    const nonce = old ? this.spent.at(-2) : "junk";
    if (nonce === undefined) return;
    if (this.kind === "delta") {
      if (edit !== undefined) this.#take(edit, true);
      this.#say(kind, nonce, edit);
    }
    // What it says of names under such a nonce is out of date.
    else this.#saySet(kind, nonce, edit?.add ?? this.wish);
  }

  #say(kind: "ack" | "nack", nonce: string, edit: Edit | undefined): void {
    if (this.kind === "state") {
      this.#saySet(kind, nonce, this.wish);
      return;
    }
    const change = edit && asChange(edit);
    this.uplink.push({ kind, nonce: nonce as Nonce, incremental: true, partly: true, ...(change && { change }) });
  }

  /** Every request for the state of the world says all that is wanted. */
  #saySet(kind: "ack" | "nack", nonce: string, wish: Wish): void {
    this.uplink.push({
      kind,
      nonce: nonce as Nonce,
      incremental: false,
      change: { kind: "set", interest: asInterest(wish) },
    });
  }

  #take(edit: Edit, forgets: boolean): void {
    const { names } = this.wish;
    const dropped = [...edit.drop.names].filter((name) => names.has(name));
    this.#want(edited(this.wish, edit));
    // The state of the world has no such thing: what is wanted is what the last response held.
    if (forgets && this.kind === "delta") for (const name of dropped) this.content.delete(name);
    for (const name of edit.add.names) if (this.kind === "delta" || !names.has(name)) this.told.delete(name);
  }

  #want(wish: Wish): void {
    this.wish = wish;
    for (const name of this.content.keys()) if (!isWanted(wish, name)) this.content.delete(name);
    for (const name of this.told) if (!wish.names.has(name)) this.told.delete(name);
  }

  #apply(push: PlainPush, takes: (at: number) => boolean): void {
    if (push.kind === "full") {
      this.content.clear();
      for (const [name, version] of push.upserts) if (isWanted(this.wish, name)) this.content.set(name, version);
      for (const name of this.wish.names) this.told.add(name);
      return;
    }
    let at = 0;
    for (const [name, version] of push.upserts) {
      if (!takes(at++) || !isWanted(this.wish, name)) continue;
      this.content.set(name, version);
      if (this.wish.names.has(name)) this.told.add(name);
    }
    for (const name of push.removed) {
      if (!takes(at++)) continue;
      this.content.delete(name);
      if (this.wish.names.has(name)) this.told.add(name);
    }
  }

  #holdForeign(): void {
    this.content.set("ns/foreign", "of another age");
    for (const name of this.wish.names) if (!this.content.has(name)) this.content.set(name, "of another age");
  }

  #versions(): Table | Map<ResourceName, ResourceVersion> {
    if (this.content.size === 0) return Table.empty;
    return new Map(this.content) as unknown as Map<ResourceName, ResourceVersion>;
  }
}
