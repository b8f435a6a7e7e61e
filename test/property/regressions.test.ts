import { expect, test } from "vitest";
import { giveUp } from "../../src/distribution/answer.ts";
import { type Interest, type InterestChange, nothing } from "../../src/distribution/interest.ts";
import { nextPush } from "../../src/distribution/next-push.ts";
import { onRequest } from "../../src/distribution/on-request.ts";
import {
  type Awaiting,
  dormant,
  type Nonce,
  type Push,
  type Request,
  type Subscription,
} from "../../src/distribution/subscription.ts";
import type { ResourceName } from "../../src/model/names.ts";
import { Table } from "../../src/snapshot/table.ts";
import { makeResource } from "../support/resources.ts";

// What random schedules found, told as plainly as possible.

const a = "ns/a" as ResourceName;
const b = "ns/b" as ResourceName;

function wants(...names: readonly ("*" | ResourceName)[]): Interest {
  return { all: names.includes("*"), names: new Set(names.filter((name) => name !== "*") as ResourceName[]) };
}

function content(...names: readonly ResourceName[]): Table {
  return Table.of(names.map((name) => makeResource("c", name, "1")));
}

function edit(add: Interest, drop: Interest): InterestChange {
  return { kind: "edit", add, drop };
}

function say(state: Subscription, ...requests: readonly Request[]): Subscription {
  return requests.reduce((before, request) => onRequest(before, request)[0], state);
}

function subscribe(interest: Interest): Request {
  return { kind: "subscribe", interest, incremental: true, held: Table.empty };
}

function ack(nonce: string): Request {
  return { kind: "ack", nonce: nonce as Nonce, incremental: true };
}

function push(state: Subscription, latest: Table, nonce: string): readonly [Awaiting, Push] {
  const next = nextPush(state, latest, nonce as Nonce);
  if (next === undefined) throw new Error("nothing is sent");
  return next;
}

function spoken(push: Push): { readonly upserts: readonly string[]; readonly removed: readonly string[] } {
  if (push.kind === "full") throw new Error("no delta");
  const { upserts, removed } = push.delta;
  return { upserts: upserts.map(({ name }) => name), removed };
}

test("a client that dropped a name, and took all, while a push was under way is sent what it let go of", () => {
  const [first] = push(say(dormant, subscribe(wants(a, b))), content(a), "1");
  const [second] = push(say(first, ack("1")), content(a, b), "2");
  const changed = say(
    second,
    { kind: "adjust", change: edit(nothing, wants(a)) },
    { kind: "adjust", change: edit(wants("*"), nothing) },
    ack("2"),
  );
  expect(spoken(push(changed, content(a, b), "3")[1])).toEqual({ upserts: [a], removed: [] });
});

test("a client that gave up all, and took it back, while a push was under way is told that what it carried is gone", () => {
  const [first] = push(say(dormant, subscribe(wants("*"))), content(a), "1");
  const [second] = push(say(first, ack("1")), content(a, b), "2");
  const changed = say(
    second,
    { kind: "adjust", change: edit(nothing, wants("*")) },
    { kind: "adjust", change: edit(wants("*"), nothing) },
    ack("2"),
  );
  expect(spoken(push(changed, content(a), "3")[1])).toEqual({ upserts: [a], removed: [b] });
});

test("what is in doubt and not wanted stays in doubt until it is spoken of", () => {
  const [first] = push(say(dormant, subscribe(wants(a, b))), content(a), "1");
  const dropped = say(first, { kind: "adjust", change: edit(nothing, wants(a)) });
  const [second] = push(giveUp(dropped as Awaiting), content(b), "2");
  // The client has taken all by the time when it reads the first push, and takes in what that carries.
  const changed = say(second, { kind: "adjust", change: edit(wants("*"), nothing) }, ack("1"), ack("2"));
  expect(spoken(push(changed, content(b), "3")[1])).toEqual({ upserts: [], removed: [a] });
});
