import { expect, test } from "vitest";
import { ManualClock } from "../../lib/manual-clock.ts";
import type { Change } from "../../model/received/change.ts";
import type { ReceivedResource } from "../../model/received/resource.ts";
import { InMemoryStore } from "../../model/received/store.ts";
import { istioCollections } from "../../model/registry.ts";
import { noColours } from "../terminal/colours.ts";
import { kindOfCollection } from "./collections.ts";
import { JsonPrinter, YamlPrinter } from "./document-printer.ts";
import type { Arrived } from "./printer.ts";
import { StatsPrinter } from "./stats-printer.ts";
import { TablePrinter } from "./table-printer.ts";

const collection = "istio/networking/v1alpha3/gateways";

function resource(name: string, version: string): ReceivedResource {
  return {
    name,
    version,
    createdAt: -62_135_596_800,
    labels: { app: "web" },
    annotations: {},
    typeUrl: "type.googleapis.com/istio.networking.v1alpha3.Gateway",
    bytes: new Uint8Array(),
    body: () => ({ selector: { istio: "ingressgateway" } }),
    decode: () => expect.unreachable("printers show bodies as JSON"),
  };
}

/** Feeds changes through a store, as the command does. */
function feed(...pushes: { resources: ReceivedResource[]; collection?: string }[]): Arrived[] {
  const store = new InMemoryStore();
  return pushes.map((push) => {
    const change: Change = { collection, version: "v", incremental: false, removed: [], ...push };
    const first = store.get(change.collection) === undefined;
    return { subject: change.collection, version: change.version, effects: store.apply(change), first, at: 0 };
  });
}

const story = feed(
  { resources: [resource("edge/a", "1"), resource("a-long-namespace/b", "1")] },
  { resources: [resource("edge/a", "2"), resource("edge/c", "1")] },
);

test("the table gathers what there is at the start, aligned, and marks what happens later", () => {
  const clock = new ManualClock();
  let out = "";
  const printer = new TablePrinter({ write: (text: string) => (out += text) }, noColours, clock, "collection");
  printer.arrived(story[0]!);
  expect(out).toBe("");
  clock.advance(300);
  printer.arrived(story[1]!);
  expect(out.split("\n").map((line) => line.replaceAll(/ +/g, " "))).toEqual([
    "CHANGE COLLECTION NAME VERSION AGE",
    ` ${collection} edge/a 1`,
    ` ${collection} a-long-namespace/b 1`,
    `updated ${collection} edge/a 2`,
    `added ${collection} edge/c 1`,
    `deleted ${collection} a-long-namespace/b 1`,
    "",
  ]);
  const columns = out
    .split("\n")
    .slice(1, 3)
    .map((line) => line.lastIndexOf("1"));
  expect(columns[0]).toBe(columns[1]);
  expect(clock.pending).toBe(0);
});

test.each([
  [80, "updated  …/v1alpha3/gateways       a-rather-long-namespace/a-name  hash-of…"],
  [120, "updated  istio/networking/v1alpha3/gateways  a-rather-long-namespace/a-name  hash-of-22-characters."],
  [40, "updated  …/gateways        a-rather-long-namespace/a-name  hash-of…"],
])(
  "on a terminal of %i columns the table cuts versions and the beginnings of collections, never names",
  (columns, line) => {
    let out = "";
    const write = (text: string): void => void (out += text);
    const printer = new TablePrinter({ write, isTTY: true, columns }, noColours, new ManualClock(), "collection");
    const [, update] = feed(
      { resources: [resource("a-rather-long-namespace/a-name", "1")] },
      { resources: [resource("a-rather-long-namespace/a-name", "hash-of-22-characters.")] },
    );
    printer.arrived(update!);
    expect(out.split("\n")[1]).toBe(line);
  },
);

test("over xDS the table and the statistics speak of types, and JSON names them so", () => {
  let out = "";
  const stream = { write: (text: string): void => void (out += text) };
  const table = new TablePrinter(stream, noColours, new ManualClock(), "type");
  table.arrived(story[0]!);
  table.complete();
  new JsonPrinter(stream.write, "type").arrived(story[1]!);
  const stats = new StatsPrinter(stream, "type");
  stats.arrived(story[0]!);
  stats.complete();
  expect(out).toMatch(/^CHANGE  TYPE +NAME/u);
  expect(out).toContain(`"type":"${collection}"`);
  expect(out).toMatch(/^TYPE +RESOURCES/mu);
});

test("YAML is a document a resource, in the form that people write, with live changes marked", () => {
  let out = "";
  const printer = new YamlPrinter((text) => (out += text), kindOfCollection(istioCollections()));
  for (const arrived of story) printer.arrived(arrived);
  expect(out.startsWith("---\napiVersion: networking.istio.io/v1")).toBe(true);
  expect(out).toContain(
    "kind: Gateway\nmetadata:\n  name: a\n  namespace: edge\n  labels:\n    app: web\nspec:\n  selector:\n",
  );
  expect(out).not.toContain("creationTimestamp");
  expect(out.match(/^--- # deleted$/gm)).toHaveLength(1);
});

test("JSON is an object a line", () => {
  let out = "";
  const printer = new JsonPrinter((text) => (out += text), "collection");
  for (const arrived of story) printer.arrived(arrived);
  const lines = out
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(lines.map((line) => line["change"])).toEqual(["initial", "initial", "updated", "added", "deleted"]);
  expect(lines[0]).toMatchObject({ collection, name: "edge/a", version: "1", body: { selector: {} } });
});

test("statistics count by collection, and away from a terminal are printed when all has come, then row by row", () => {
  let out = "";
  const printer = new StatsPrinter({ write: (text: string) => (out += text) }, "collection");
  printer.arrived(story[0]!);
  expect(out).toBe("");
  printer.complete();
  expect(out.trimEnd().split("\n").at(-1)!.split(/ +/)).toEqual([collection, "2", "v", "1", "2", "0", "0"]);
  printer.arrived(story[1]!);
  expect(out.trimEnd().split("\n").at(-1)!.split(/ +/)).toEqual([collection, "2", "v", "2", "3", "1", "1"]);
});
