import { describe, expect, test } from "vitest";
import { istioCollections } from "../../model/registry.ts";
import { type Colours, colours, noColours } from "../terminal/colours.ts";
import { displayWidth } from "../terminal/width.ts";
import { calledTable } from "./called-table.ts";
import { changesTable } from "./changes-table.ts";
import { collectionsTable } from "./collections-table.ts";
import { overview } from "./overview.ts";
import { problemsTable } from "./problems-table.ts";
import { sinksTable } from "./sinks-table.ts";
import { sourcesTable } from "./sources-table.ts";
import { busyWorld, now } from "./testing/busy-world.ts";
import { quietWorld, tell, type World } from "./testing/world.ts";
import type { View } from "./view.ts";

const registry = istioCollections();

function viewOf(width: number, paint: Colours = noColours): View {
  return { width, paint, now };
}

/** Everything that `galley status` can show of a world. */
const shown: Readonly<Record<string, (world: World, view: View) => string>> = {
  overview: (world, view) => overview(tell(world, "status"), "127.0.0.1:9876", registry, view),
  sources: (world, view) => sourcesTable(tell(world, "sources").list("items"), view),
  problems: (world, view) => problemsTable(tell(world, "problems").list("items"), view),
  collections: (world, view) => collectionsTable(tell(world, "status").list("collections"), registry, view),
  sinks: (world, view) => sinksTable(tell(world, "status", "sinks").list("items"), registry, view),
  called: (world, view) => calledTable(tell(world, "called").list("items"), view),
  changes: (world, view) => changesTable(tell(world, "changes").list("items"), registry, view),
};
const views = Object.keys(shown);

describe.each(views)("the view of %s", (name) => {
  const show = shown[name]!;

  test.each([80, 120])("reads as it was looked at, %d cells wide", async (width) => {
    const text = `${show(busyWorld, viewOf(width))}\n`;
    await expect(text).toMatchFileSnapshot(`golden/${name}-${width}.txt`);
    for (const line of text.split("\n")) expect(displayWidth(line)).toBeLessThanOrEqual(width);
  });

  test("is the same text in colour", () => {
    const paint = colours({ write: () => true, isTTY: true }, {});
    const coloured = show(busyWorld, viewOf(80, paint));
    expect(coloured).toContain("\u001b[");
    // oxlint-disable-next-line no-control-regex
    expect(coloured.replaceAll(/\u001b\[\d+m/gu, "")).toBe(show(busyWorld, viewOf(80)));
  });

  test("lets nothing from outside control the terminal", () => {
    expect(show(busyWorld, viewOf(120))).not.toMatch(/[^\P{Cc}\n]|\u202E/u);
  });

  test("has a line an entry where a program reads it", () => {
    const text = show(busyWorld, viewOf(Number.POSITIVE_INFINITY));
    expect(text).not.toContain("…  ");
    if (name === "problems") expect(text.split("\n")).toHaveLength(1 + busyWorld.problems.length);
    if (name === "sinks") expect(text).toMatch(/^ 7 .* refused .* invalid\\u001b\[2J$/mu);
  });

  test("of a server that has nothing to tell is no error", () => {
    expect(show(quietWorld, viewOf(80))).not.toMatch(/undefined|NaN/u);
  });
});

test("a sink that has not subscribed to anything is not called synced", () => {
  const idle = { ...busyWorld.sinks[0]!, collections: [] };
  const world = { ...quietWorld, sinks: [idle, { ...busyWorld.sinks[0]!, id: 5 }] };
  expect(shown["sinks"]!(world, viewOf(120))).toMatch(/ idle +0\/0 +no subscription yet\n.* synced /u);
  expect(shown["overview"]!(world, viewOf(120))).toContain(
    "Sinks: 2 connected: 1 synced, 1 with no subscription yet\n",
  );
});

test("the overview of a server on which nothing happens fits on a few lines", () => {
  const sources = [{ name: "files", state: "synced", since: now - 5000, reason: undefined }];
  expect(shown["overview"]!({ ...quietWorld, sources }, viewOf(80)).split("\n")).toEqual([
    "galley 1.2.3 at 127.0.0.1:9876, up 3d, ready",
    "",
    "SOURCE  STATE   SINCE",
    "files   synced  5s",
    "",
    "Problems: none",
    "",
    "Serving: 0 resources in 0 collections",
    "",
    "Sinks: none connected",
  ]);
});
