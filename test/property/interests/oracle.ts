import type { Request, Verdict } from "../../../src/distribution/subscription.ts";
import type { InterestChange } from "../../../src/distribution/interest.ts";
import { check } from "../machine.ts";
import { type Content, edited, isWanted, type PlainPush, textOf, wantedOf, type Wish } from "./wish.ts";

interface UnderWay {
  readonly push: PlainPush;
  /** The wanted part of the content that it was made from. */
  readonly content: Content;
  /** What was to be told, and is told by it. */
  readonly owed: ReadonlySet<string>;
  /** What could be spoken of without need when it was made. */
  readonly unsure: ReadonlySet<string>;
}

/**
 * What docs/spec/subscription.md says of one subscription, in plain maps: it judges what the machine makes of each request when
 * it arrives, and each push when it is made. It shares no code with the machine.
 */
export class Oracle {
  #wish: Wish | undefined;
  /** Names that must be spoken of. */
  #owed = new Set<string>();
  /** Whether something was asked for that must be answered, changed or not. */
  #asked = false;
  /** The wanted part of what was answered last; without what is no longer wanted, if it was ACKed. */
  #answered: { readonly content: Content; readonly isAck: boolean } | undefined;
  #lastNonce = "";
  /** What the client is known to hold. */
  readonly #held = new Map<string, string>();
  /** Names that may be spoken of without need: refused pushes spoke of them, or they were asked for in passing. */
  #unsure = new Set<string>();
  #underWay: UnderWay | undefined;

  /** What the client wants, as far as the machine has heard; `undefined` before it asked. */
  get wish(): Wish | undefined {
    return this.#wish;
  }

  arrives(request: Request, verdict: Verdict): void {
    switch (request.kind) {
      case "subscribe":
        check(verdict === (this.#wish === undefined ? "subscribed" : "resubscribed"), `a subscribe is ${verdict}`);
        if (this.#underWay === undefined) this.#begin(request);
        else this.#change({ kind: "set", interest: request.interest });
        return;
      case "adjust":
        check(verdict === "adjusted", `an adjustment is ${verdict}`);
        this.#change(request.change);
        return;
      case "ack":
      case "nack":
        this.#answers(request, verdict);
    }
  }

  /** The machine waits no longer for an answer. */
  givesUp(): void {
    this.#refused(this.#underWay!);
  }

  /** The machine had its chance to push, and this is what it made of it. */
  pushes(latest: Content | undefined, push: PlainPush | undefined): void {
    if (this.#wish === undefined || latest === undefined || this.#underWay !== undefined) {
      check(push === undefined, "I2: nothing may be sent now");
      return;
    }
    const now = this.#cut(latest);
    const isNew = this.#isNew(now);
    if (push === undefined) {
      check(!isNew && !this.#asked, "I9: something is due, and nothing is sent");
      return;
    }
    const isChanged = this.#answered?.isAck === false && textOf(this.#answered.content) !== textOf(now);
    check(isNew || isChanged || this.#asked, "I5: nothing that is wanted changed, and something is sent");
    if (push.kind === "full") check(textOf(push.upserts) === textOf(now), "I7: not what is wanted");
    else this.#checkDelta(push, now);
    this.#underWay = { push, content: now, owed: this.#owed, unsure: this.#unsure };
    this.#owed = new Set();
    this.#unsure = new Set();
    this.#asked = false;
  }

  /**
   * What has to be sent now, if anything: only what takes something away, or other things as well; or nothing that the client
   * does not have, which may still have to be said, such as that there is none of what it names.
   */
  due(latest: Content | undefined): "removals" | "anything" | "nothing new" | undefined {
    if (this.#wish === undefined || latest === undefined || this.#underWay !== undefined) return undefined;
    const now = this.#cut(latest);
    if (!this.#isNew(now) && !this.#asked) return undefined;
    const isNews = [...now].some(([name, version]) => this.#held.get(name) !== version);
    if (isNews) return "anything";
    return this.#held.size > now.size ? "removals" : "nothing new";
  }

  /** Whether what is wanted was refused as it is, so that the client need not hold it. */
  isRefused(latest: Content): boolean {
    const answered = this.#answered;
    return (
      answered !== undefined && !answered.isAck && textOf(this.#cut(answered.content)) === textOf(this.#cut(latest))
    );
  }

  #isNew(now: Content): boolean {
    return this.#answered === undefined || textOf(this.#cut(this.#answered.content)) !== textOf(now);
  }

  #checkDelta(push: PlainPush, now: Content): void {
    const wish = this.#wish!;
    for (const [name, version] of push.upserts) {
      check(isWanted(wish, name), `I18: ${name} is sent, and is not wanted`);
      check(now.get(name) === version, `I7: ${name} is sent at ${version} instead of ${now.get(name)}`);
      const isNews = this.#held.get(name) !== version || this.#mayBeTold(name);
      check(isNews, `I7: ${name} is sent at ${version}, which the client holds`);
    }
    for (const name of push.removed) {
      check(isWanted(wish, name), `I18: ${name} is said to be gone, and is not wanted`);
      check(!now.has(name), `I7: ${name} is said to be gone, and is there`);
      check(this.#held.has(name) || this.#mayBeTold(name), `I7: ${name} is said to be gone, and was never held`);
    }
    const spoken = spokenOf(push);
    for (const name of this.#owed) check(spoken.has(name), `I17: ${name} was asked for, and is not answered`);
  }

  #mayBeTold(name: string): boolean {
    return this.#owed.has(name) || this.#unsure.has(name);
  }

  #begin({ interest, held }: Extract<Request, { kind: "subscribe" }>): void {
    this.#wish = interest;
    this.#answered = undefined;
    this.#lastNonce = "";
    this.#asked = true;
    this.#held.clear();
    this.#unsure.clear();
    if (held instanceof Map) {
      for (const [name, version] of held as Content) if (isWanted(interest, name)) this.#held.set(name, version);
    }
    this.#owed = new Set([...interest.names].filter((name) => !this.#held.has(name)));
  }

  #answers(request: Extract<Request, { kind: "ack" | "nack" }>, verdict: Verdict): void {
    const { kind, nonce, change } = request;
    const underWay = this.#underWay;
    if (underWay?.push.nonce === nonce) {
      check(verdict === `${kind}ed`, `the ${kind} is ${verdict}`);
      if (kind === "ack") this.#acked(underWay);
      else this.#refused(underWay);
      if (change !== undefined) this.#change(change);
      return;
    }
    check(verdict === "stale" || verdict === "adjusted", `I8: the stale ${kind} is ${verdict}`);
    const counts = change?.kind === "edit" || (underWay === undefined && nonce === this.#lastNonce);
    if (!counts) check(verdict === "stale", "I8: a set of names that is out of date is taken for good");
    else if (change !== undefined) this.#change(change);
  }

  #acked({ push, content, unsure }: UnderWay): void {
    this.#underWay = undefined;
    this.#lastNonce = push.nonce;
    this.#answered = { content, isAck: true };
    const gone = push.kind === "full" ? [...this.#held.keys()] : push.removed;
    for (const name of gone) this.#held.delete(name);
    for (const [name, version] of push.upserts) {
      if (isWanted(this.#wish!, name)) this.#held.set(name, version);
    }
    const spoken = push.kind === "full" ? unsure : spokenOf(push);
    for (const name of unsure) if (!spoken.has(name)) this.#unsure.add(name);
  }

  #refused({ push, content, owed, unsure }: UnderWay): void {
    this.#underWay = undefined;
    this.#lastNonce = push.nonce;
    this.#answered = { content: this.#cut(content), isAck: false };
    for (const name of owed) if (this.#wish!.names.has(name)) this.#owed.add(name);
    for (const name of push.kind === "full" ? unsure : [...unsure, ...spokenOf(push)]) this.#unsure.add(name);
  }

  #change(change: InterestChange): void {
    const before = this.#wish!;
    const wish = change.kind === "set" ? change.interest : edited(before, change);
    this.#wish = wish;
    // A set asks for what is new in it; an edit for all that it adds.
    const added: Wish = change.kind === "set" ? change.interest : change.add;
    for (const name of added.names) {
      if (wish.names.has(name) && (change.kind === "edit" || !before.names.has(name))) this.#ask(name);
    }
    if (added.all && wish.all && (change.kind === "edit" || !before.all)) this.#asked = true;
    for (const name of before.names) {
      if (wish.names.has(name)) continue;
      // Whoever asked and thought better of it before the answer may get it still.
      if (this.#owed.delete(name)) this.#unsure.add(name);
      this.#held.delete(name);
      // It may have let go of what it still wants as one of all.
      if (wish.all && change.kind === "edit") this.#ask(name);
    }
    for (const name of this.#held.keys()) if (!isWanted(wish, name)) this.#held.delete(name);
    for (const name of this.#owed) if (!isWanted(wish, name) && this.#owed.delete(name)) this.#unsure.add(name);
  }

  #ask(name: string): void {
    this.#owed.add(name);
    this.#asked = true;
  }

  #cut(content: Content): Content {
    return wantedOf(this.#wish!, content);
  }
}

function spokenOf({ upserts, removed }: PlainPush): Set<string> {
  return new Set([...upserts.keys(), ...removed]);
}
