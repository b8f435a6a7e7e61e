import fc from "fast-check";
import { dormant, type Nonce, type Push, type Subscription } from "../../../src/distribution/subscription.ts";
import type { ResourceName } from "../../../src/model/names.ts";
import type { Resource } from "../../../src/model/resource.ts";
import { Table } from "../../../src/snapshot/table.ts";
import { makeResource } from "../../support/resources.ts";
import { check, type Machine } from "../machine.ts";
import { Client, type Kept, type Kind } from "./client.ts";
import { Oracle } from "./oracle.ts";
import { type Content, type Edit, type PlainPush, textOf, wantedOf, type Wish } from "./wish.ts";

type Step =
  | { readonly do: "edit"; readonly key: number; readonly value: number | undefined }
  | { readonly do: "publish" | "serve" | "arrive" | "giveUp" | "catchUp" }
  | { readonly do: "change"; readonly edit: Edit; readonly forgets: boolean }
  | { readonly do: "ack"; readonly edit: Edit | undefined }
  | { readonly do: "nack"; readonly edit: Edit | undefined; readonly takes: number }
  | { readonly do: "stale"; readonly nack: boolean; readonly old: boolean; readonly edit: Edit | undefined }
  | { readonly do: "reconnect"; readonly wish: Wish; readonly kept: Kept };

/** One client, and what happens in which order. */
export interface Schedule {
  readonly kind: Kind;
  readonly wish: Wish;
  readonly steps: readonly Step[];
}

const KEYS = 5;

function nameOf(key: number): ResourceName {
  return `ns/n${key}` as ResourceName;
}

const names = fc.uniqueArray(fc.nat(KEYS - 1), { maxLength: 3 }).map((keys) => new Set<string>(keys.map(nameOf)));
const wish: fc.Arbitrary<Wish> = fc.record({ all: fc.boolean(), names });
const part: fc.Arbitrary<Wish> = fc.record({ all: fc.nat(4).map((n) => n === 0), names });
const edit: fc.Arbitrary<Edit> = fc.record({ add: part, drop: part });
const maybeEdit = fc.option(edit, { nil: undefined, freq: 2 });
const kept = fc.record({ resumes: fc.boolean(), foreign: fc.boolean(), outdated: fc.boolean() });

function step<const Do extends string, Rest extends object>(
  weight: number,
  what: Do,
  rest: { [Key in keyof Rest]: fc.Arbitrary<Rest[Key]> },
): { weight: number; arbitrary: fc.Arbitrary<{ do: Do } & Rest> } {
  const arbitrary = fc.record({ do: fc.constant(what), ...rest }) as unknown as fc.Arbitrary<{ do: Do } & Rest>;
  return { weight, arbitrary };
}

const anyStep: fc.Arbitrary<Step> = fc.oneof(
  step(5, "edit", { key: fc.nat(KEYS - 1), value: fc.option(fc.nat(2), { nil: undefined, freq: 2 }) }),
  step(3, "publish", {}),
  step(6, "serve", {}),
  step(6, "arrive", {}),
  step(3, "change", { edit, forgets: fc.boolean() }),
  step(5, "ack", { edit: maybeEdit }),
  step(2, "nack", { edit: maybeEdit, takes: fc.nat(0xffff) }),
  step(1, "stale", { nack: fc.boolean(), old: fc.boolean(), edit: maybeEdit }),
  step(1, "giveUp", {}),
  step(1, "catchUp", {}),
  step(1, "reconnect", { wish, kept }),
) as fc.Arbitrary<Step>;

/** Any schedule: how the client speaks, what it wants, and what happens in which order. */
export const schedule: fc.Arbitrary<Schedule> = fc.record({
  kind: fc.constantFrom("state" as const, "delta" as const, "delta" as const),
  wish,
  // "max": the default size would keep schedules too short to meet what happens around a reconnect
  steps: fc.array(anyStep, { maxLength: 120, size: "max" }),
});

/** Runs a schedule against a machine; throws where an invariant of docs/spec/subscription.md is broken. */
export function run(machine: Machine, { kind, wish, steps }: Schedule): void {
  const world = new World(machine, kind);
  world.connect(wish, { resumes: false, foreign: false, outdated: false });
  for (const what of steps) world.take(what);
  world.settle();
}

class World {
  readonly #machine: Machine;
  readonly #client: Client;
  #oracle = new Oracle();
  #state: Subscription = dormant;
  #nonce = 0;
  #content = Table.empty;
  #published: Table | undefined;

  constructor(machine: Machine, kind: Kind) {
    this.#machine = machine;
    this.#client = new Client(kind);
  }

  connect(wanted: Wish, keeps: Kept): void {
    this.#oracle = new Oracle();
    this.#state = dormant;
    this.#nonce = 0;
    this.#client.connect(wanted, keeps);
    this.#arrive();
  }

  take(what: Step): void {
    const client = this.#client;
    switch (what.do) {
      case "edit":
        this.#edit(nameOf(what.key), what.value === undefined ? undefined : `v${what.value}`);
        return;
      case "publish":
        this.#published = this.#content;
        return;
      case "serve":
        this.#serve();
        return;
      case "arrive":
        this.#arrive();
        return;
      case "change":
        client.change(what.edit, what.forgets);
        return;
      case "ack":
        client.answer("ack", 0, what.edit);
        return;
      case "nack":
        client.answer("nack", what.takes, what.edit);
        return;
      case "stale":
        client.stale(what.nack ? "nack" : "ack", what.old, what.edit);
        return;
      case "giveUp":
        this.#giveUp();
        return;
      case "catchUp":
        this.#catchUp();
        return;
      case "reconnect":
        this.connect(what.wish, what.kept);
    }
  }

  /** The client ends with what it wants; a version that was refused needs new content to be sent again. */
  settle(): void {
    this.#published = this.#content;
    this.#catchUp();
    const { wish: wanted } = this.#client;
    const [named] = wanted.names;
    this.#edit((named ?? nameOf(0)) as ResourceName, "the last");
    this.#published = this.#content;
    this.#catchUp();
    const isIdle = !wanted.all && named === undefined;
    check(isIdle || !this.#oracle.isRefused(this.#latest!), "I9: what was refused is not replaced");
  }

  #edit(name: ResourceName, version: string | undefined): void {
    const resource = version === undefined ? undefined : makeResource("c", name, version);
    this.#content = this.#content.with([{ name, resource }]);
  }

  #serve(): boolean {
    const next = this.#machine.nextPush(this.#state, this.#published, `${this.#nonce + 1}` as Nonce);
    const push = next && plain(next[1]);
    this.#oracle.pushes(this.#latest, push);
    if (next === undefined) return false;
    this.#nonce++;
    this.#state = next[0];
    this.#client.mail.push(push!);
    return true;
  }

  #arrive(): boolean {
    const request = this.#client.uplink.shift();
    if (request === undefined) return false;
    const [state, verdict] = this.#machine.onRequest(this.#state, request);
    if (verdict === "stale") check(state === this.#state, "I8: a stale request changed the state");
    this.#state = state;
    this.#oracle.arrives(request, verdict);
    return true;
  }

  get #latest(): Content | undefined {
    return this.#published && versionsOf(this.#published);
  }

  #giveUp(): void {
    if (this.#state.phase !== "awaiting") return;
    this.#state = this.#machine.giveUp(this.#state);
    this.#oracle.givesUp();
  }

  /** All that was said and sent arrives, and is answered. */
  #catchUp(): void {
    for (let round = 0; ; round++) {
      check(round < 1000, "I5: it never comes to rest");
      let moved = this.#arrive();
      moved = this.#serve() || moved;
      if (!moved && this.#client.mail.length === 0) break;
      this.#client.answer("ack", 0, undefined);
    }
    const latest = this.#latest;
    if (latest === undefined || this.#oracle.isRefused(latest)) return;
    const { wish: wanted, content, told } = this.#client;
    const due = wantedOf(wanted, latest);
    check(textOf(content) === textOf(due), `I9: the client holds ${textOf(content)}, it wants ${textOf(due)}`);
    for (const name of wanted.names) check(told.has(name), `I17: nobody answers whether there is ${name}`);
  }
}

function plain(push: Push): PlainPush {
  const { nonce } = push;
  if (push.kind === "full") return { kind: "full", nonce, upserts: versionsOf(push.table), removed: [] };
  return { kind: "delta", nonce, upserts: versionsOf(push.delta.upserts), removed: push.delta.removed };
}

function versionsOf(resources: Iterable<Resource>): Content {
  return new Map([...resources].map(({ name, version }) => [name, version]));
}
