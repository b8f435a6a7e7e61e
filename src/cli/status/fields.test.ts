import * as fc from "fast-check";
import { expect, test } from "vitest";
import { istioCollections } from "../../model/registry.ts";
import { noColours } from "../terminal/colours.ts";
import { changesTable } from "./changes-table.ts";
import { findFaults } from "./check.ts";
import { collectionsTable } from "./collections-table.ts";
import { Fields } from "./fields.ts";
import { overview } from "./overview.ts";
import { problemsTable } from "./problems-table.ts";
import { sinksTable } from "./sinks-table.ts";
import { sourcesTable } from "./sources-table.ts";
import { busyWorld, now } from "./testing/busy-world.ts";
import { tell } from "./testing/world.ts";

test("fields are read as what they are, and as nothing if they are something else", () => {
  const fields = new Fields({
    a: "x",
    b: 7,
    c: true,
    d: [{ a: "y" }, 1],
    e: ["p", 2],
    f: null,
    at: "2026-11-22T15:50:34Z",
  });
  expect([fields.text("a"), fields.number("b"), fields.flag("c")]).toEqual(["x", 7, true]);
  expect([fields.text("b"), fields.number("a"), fields.flag("a")]).toEqual(["", 0, false]);
  expect(fields.list("d").map((item) => item.text("a"))).toEqual(["y", ""]);
  expect(fields.texts("e")).toEqual(["p"]);
  expect([fields.has("a"), fields.has("f"), fields.has("toString")]).toEqual([true, false, false]);
  expect([fields.moment("at"), fields.moment("a")]).toEqual([now, undefined]);
  expect(fields.object("nothing").object("at").text("all")).toBe("");
});

/** The same JSON with some of its values replaced by any others. */
function spoilt(value: unknown, junk: readonly unknown[], spoils: () => boolean): unknown {
  if (spoils()) return junk[0];
  if (Array.isArray(value)) return value.map((item) => spoilt(item, junk.slice(1), spoils));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, spoilt(item, junk, spoils)]));
}

test("whatever a server answers, there is a table of it", () => {
  const registry = istioCollections();
  const view = { paint: noColours, width: 80, now };
  const parts = [tell(busyWorld, "status"), tell(busyWorld, "status", "sinks"), tell(busyWorld, "problems")];
  const seen = fc.tuple(
    fc.array(fc.jsonValue(), { minLength: 1 }),
    fc.array(fc.nat(9), { minLength: 1, maxLength: 50 }),
  );
  fc.assert(
    fc.property(seen, ([junk, dice]) => {
      let thrown = 0;
      const answers = parts.map(({ raw }) => new Fields(spoilt(raw, junk, () => dice[thrown++ % dice.length] === 0)));
      for (const answer of [...answers, new Fields(junk)]) {
        const items = answer.list("items");
        const texts = [
          overview(answer, "host:1", registry, view),
          problemsTable(items, view),
          sinksTable(items, registry, view),
          sourcesTable(items, view),
          changesTable(items, registry, view),
          collectionsTable(items, registry, view),
        ];
        for (const text of texts) expect(text).not.toMatch(/[^\P{Cc}\n]/u);
        expect(findFaults(answer)).toBeInstanceOf(Array);
      }
    }),
    { numRuns: 200 },
  );
});
