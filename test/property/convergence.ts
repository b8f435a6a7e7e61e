import fc from "fast-check";
import { dormant, type Nonce, type Push, type Subscription } from "../../src/distribution/subscription.ts";
import { everything } from "../../src/distribution/interest.ts";
import type { ResourceName, ResourceVersion } from "../../src/model/names.ts";
import { Table } from "../../src/snapshot/table.ts";
import { makeResource } from "../support/resources.ts";
import { check, type Machine } from "./machine.ts";

type Step =
  | { readonly do: "edit"; readonly key: number; readonly value: number | undefined }
  | { readonly do: "publish" }
  | { readonly do: "serve" | "ack" | "nack" | "resubscribe"; readonly sink: number }
  | { readonly do: "stale"; readonly sink: number; readonly nack: boolean; readonly old: boolean }
  | { readonly do: "reconnect"; readonly sink: number; readonly resume: boolean };

const SINKS = 3;
const sink = fc.nat(SINKS - 1);
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant("edit" as const),
      key: fc.nat(5),
      value: fc.option(fc.nat(2), { nil: undefined, freq: 2 }),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("publish" as const) }) },
  { weight: 5, arbitrary: fc.record({ do: fc.constant("serve" as const), sink }) },
  { weight: 5, arbitrary: fc.record({ do: fc.constant("ack" as const), sink }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom("nack" as const, "resubscribe" as const), sink }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant("stale" as const), sink, nack: fc.boolean(), old: fc.boolean() }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("reconnect" as const), sink, resume: fc.boolean() }) },
);

/** Any schedule: how each sink asks, and what happens in which order. */
export const schedule: fc.Arbitrary<{ incremental: boolean[]; steps: Step[] }> = fc.record({
  incremental: fc.array(fc.boolean(), { minLength: SINKS, maxLength: SINKS }),
  // "max": the default size would keep schedules too short to meet what happens around a reconnect
  steps: fc.array(step, { maxLength: 120, size: "max" }),
});

/** A sink that does what the protocol says, and nothing more: the model. */
class ModelSink {
  state: Subscription = dormant;
  content = new Map<string, string>();
  mail: Push[] = [];
  oldNonces: string[] = [];
  nonce = 0;
  readonly incremental: boolean;

  constructor(incremental: boolean) {
    this.incremental = incremental;
  }
}

/** Runs a schedule against a machine; throws where an invariant of docs/spec/subscription.md is broken. */
export function run(machine: Machine, { incremental, steps }: { incremental: boolean[]; steps: Step[] }): void {
  let world = Table.empty;
  let published: Table | undefined;
  const sinks = incremental.map((wish) => new ModelSink(wish));
  for (const s of sinks) subscribe(machine, s, false);
  for (const op of steps) {
    if (op.do === "edit") world = edit(world, op.key, op.value);
    else if (op.do === "publish") published = world;
    else if (op.do === "serve") serve(machine, sinks[op.sink]!, published);
    else if (op.do === "ack" || op.do === "nack") answer(machine, sinks[op.sink]!, op.do);
    else if (op.do === "resubscribe") resubscribe(machine, sinks[op.sink]!);
    else if (op.do === "stale") stale(machine, sinks[op.sink]!, op.nack, op.old);
    else if (op.do === "reconnect") reconnect(machine, sinks[op.sink]!, op.resume);
  }
  settle(machine, sinks, world);
}

/** Lets everyone finish: a NACKed version needs new content, so the last publish always has some. */
function settle(machine: Machine, sinks: readonly ModelSink[], world: Table): void {
  const last = edit(world, 99, 1);
  for (const s of sinks) {
    answer(machine, s, "ack");
    for (let i = 0; i < 3; i++) {
      serve(machine, s, last);
      answer(machine, s, "ack");
    }
    const expected = JSON.stringify([...last].map((r) => [r.name, r.version]));
    const actual = JSON.stringify([...s.content].sort(([a], [b]) => (a < b ? -1 : 1)));
    check(actual === expected, `I9: the sink holds ${actual}, published is ${expected}`);
    check(machine.nextPush(s.state, last, "x" as Nonce) === undefined, "I5: an answered version is sent again");
  }
}

function edit(world: Table, key: number, value: number | undefined): Table {
  const name = `ns/n${key}` as ResourceName;
  return world.with([{ name, resource: value === undefined ? undefined : makeResource("c", name, `v${value}`) }]);
}

function subscribe(machine: Machine, s: ModelSink, resume: boolean): void {
  const held = resume ? (new Map(s.content) as unknown as Map<ResourceName, ResourceVersion>) : undefined;
  const [state, verdict] = machine.onRequest(s.state, {
    kind: "subscribe",
    interest: everything,
    incremental: s.incremental,
    held,
  });
  check(verdict === "subscribed", `a first request is ${verdict}`);
  s.state = state;
}

function serve(machine: Machine, s: ModelSink, latest: Table | undefined): void {
  const next = machine.nextPush(s.state, latest, `${s.nonce + 1}` as Nonce);
  if (next === undefined) return;
  s.nonce++;
  s.state = next[0];
  s.mail.push(next[1]);
  check(s.mail.length === 1, "I2: two pushes are unanswered");
  check(next[1].kind === "full" || s.incremental, "I10: a delta that was not asked for");
}

function answer(machine: Machine, s: ModelSink, kind: "ack" | "nack"): void {
  const push = s.mail.shift();
  if (push === undefined) return;
  s.oldNonces.push(push.nonce);
  if (kind === "ack") apply(s, push);
  const [state, verdict] = machine.onRequest(s.state, { kind, nonce: push.nonce, incremental: s.incremental });
  check(verdict === `${kind}ed`, `an ${kind} is ${verdict}`);
  s.state = state;
}

function apply(s: ModelSink, push: Push): void {
  if (push.kind === "full") s.content = new Map([...push.table].map((r) => [r.name, r.version]));
  else {
    for (const r of push.delta.upserts) s.content.set(r.name, r.version);
    for (const name of push.delta.removed) s.content.delete(name);
  }
}

function resubscribe(machine: Machine, s: ModelSink): void {
  const inFlight = s.mail.length;
  const [state, verdict] = machine.onRequest(s.state, {
    kind: "subscribe",
    interest: everything,
    incremental: s.incremental,
    held: undefined,
  });
  check(verdict === "resubscribed", `asking again is ${verdict}`);
  s.state = state;
  check(s.mail.length === inFlight, "I4: asking again answered a push");
}

function stale(machine: Machine, s: ModelSink, nack: boolean, old: boolean): void {
  const nonce = (old ? s.oldNonces.at(-1) : "junk") as Nonce | undefined;
  if (nonce === undefined) return;
  const [state, verdict] = machine.onRequest(s.state, {
    kind: nack ? "nack" : "ack",
    nonce,
    incremental: !s.incremental,
  });
  check(verdict === "stale", `I8: a stale nonce is ${verdict}`);
  check(state === s.state, "I8: a stale request changed the state");
}

function reconnect(machine: Machine, s: ModelSink, resume: boolean): void {
  s.state = dormant;
  s.mail = [];
  s.oldNonces = [];
  s.nonce = 0;
  subscribe(machine, s, resume);
}
