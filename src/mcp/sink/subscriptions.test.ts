import { expect, test } from "vitest";
import type { Change } from "../../model/received/change.ts";
import type { ReceivedResource } from "../../model/received/resource.ts";
import { encodeRequest, type SinkNode } from "./requests.ts";
import { SinkSubscriptions } from "./subscriptions.ts";

const GATEWAYS = "istio/networking/v1alpha3/gateways";
const anonymous: SinkNode = { id: "", annotations: {} };

function change(versions: Record<string, string>, removed?: string[]): Change {
  const resources = Object.entries(versions).map(([name, version]) => ({ name, version }) as ReceivedResource);
  return { collection: GATEWAYS, version: "", incremental: removed !== undefined, resources, removed: removed ?? [] };
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}

// The bytes were made by the Go implementation of protobuf that Pilot, Mixer and Galley of 1.3 speak with.
test("requests are the bytes that sinks of 1.3 send", () => {
  const plain = new SinkSubscriptions([{ collection: GATEWAYS, incremental: false }]);
  const [opening] = plain.opening();
  const subscribe = "0a090a0764656661756c741222697374696f2f6e6574776f726b696e672f7631616c706861332f6761746577617973";
  const mixer = { id: "default", annotations: {} };
  expect(hex(encodeRequest(mixer, opening!))).toBe(subscribe);
  expect(hex(encodeRequest(mixer, plain.ack(change({}), "1")))).toBe(`${subscribe}220131`);
  const nack = plain.nack({ collection: GATEWAYS, nonce: "2" }, { code: 3, message: "bad" });
  expect(hex(encodeRequest(anonymous, nack))).toBe(
    "0a001222697374696f2f6e6574776f726b696e672f7631616c706861332f67617465776179732201322a0708031203626164",
  );
});

test("a resume is the bytes that sinks of 1.3 send", () => {
  const subscriptions = new SinkSubscriptions([{ collection: GATEWAYS, incremental: true }]);
  subscriptions.ack(change({ "ns/a": "7" }), "1");
  const node = { id: "n", annotations: { k: "v" } };
  expect(subscriptions.opening().map((request) => hex(encodeRequest(node, request)))).toEqual([
    "0a0b0a016e12060a016b1201761222697374696f2f6e6574776f726b696e672f7631616c706861332f67617465776179731a090a046e732f611201373001",
  ]);
});

test("after a refusal of the application nothing is resumed from before everything was taken in anew", () => {
  const subscriptions = new SinkSubscriptions([{ collection: GATEWAYS, incremental: true }]);
  const resumed = (): Record<string, string> => Object.fromEntries(subscriptions.opening()[0]!.held);
  subscriptions.ack(change({ a: "1" }), "1");
  subscriptions.nack({ collection: GATEWAYS, nonce: "2" }, { code: 2, message: "does not decode" });
  expect(resumed()).toEqual({ a: "1" });
  subscriptions.doubt(GATEWAYS);
  expect(resumed()).toEqual({});
  subscriptions.ack(change({ b: "1" }, []), "3");
  expect(resumed()).toEqual({});
  subscriptions.ack(change({ b: "1" }), "4");
  expect(resumed()).toEqual({ b: "1" });
});

test("a whole push replaces what is held, a delta adds to it and takes from it", () => {
  const subscriptions = new SinkSubscriptions([{ collection: GATEWAYS, incremental: true }]);
  const held = (): Record<string, string> => Object.fromEntries(subscriptions.held(GATEWAYS));
  subscriptions.ack(change({ a: "1", b: "1" }), "1");
  subscriptions.ack(change({ b: "2", c: "1" }, ["a", "unheard"]), "2");
  expect(held()).toEqual({ b: "2", c: "1" });
  subscriptions.ack(change({ d: "1" }), "3");
  expect(held()).toEqual({ d: "1" });
});

test("a refusal changes nothing of what is held, and asks for no deltas", () => {
  const subscriptions = new SinkSubscriptions([{ collection: GATEWAYS, incremental: true }]);
  subscriptions.ack(change({ a: "1" }), "1");
  const nack = subscriptions.nack({ collection: GATEWAYS, nonce: "2" }, { code: 3, message: "no" });
  expect(nack).toMatchObject({ nonce: "2", incremental: false, error: { code: 3 } });
  expect(Object.fromEntries(subscriptions.held(GATEWAYS))).toEqual({ a: "1" });
});

test("what is held is named only where deltas are asked for", () => {
  const held = new Map([
    ["a", new Map([["x", "1"]])],
    ["b", new Map([["y", "1"]])],
    ["c", new Map([["z", "1"]])],
  ]);
  const wishes = [
    { collection: "a", incremental: true },
    { collection: "b", incremental: false },
  ];
  const opening = new SinkSubscriptions(wishes, held).opening();
  expect(opening.map(({ collection, held: named }) => [collection, [...named]])).toEqual([
    ["a", [["x", "1"]]],
    ["b", []],
  ]);
});

test("a collection wished twice is asked for once, as wished last", () => {
  const wishes = [
    { collection: "a", incremental: false },
    { collection: "a", incremental: true },
  ];
  expect(new SinkSubscriptions(wishes).opening()).toMatchObject([{ collection: "a", incremental: true }]);
});
