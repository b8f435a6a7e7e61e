import fc from "fast-check";
import { expect, test } from "vitest";
import type { SinkView } from "../serving/view.ts";
import { inOrderOfIds } from "./in-order.ts";

function* viewsOf(ids: readonly number[], looked: number[] = []): IterableIterator<SinkView> {
  for (const id of ids) {
    looked.push(id);
    yield { id, peer: "", protocol: "mcp", sinkId: "", annotations: {}, since: 0, collections: [] };
  }
}

test("however sinks are spread over lists, all come once, in the order of their ids", () => {
  fc.assert(
    fc.property(fc.array(fc.nat({ max: 4 }), { maxLength: 50 }), (listOf) => {
      const lists = [0, 1, 2, 3, 4].map((list) => [...listOf.keys()].filter((id) => listOf[id] === list));
      const merged = [...inOrderOfIds(lists.map((ids) => viewsOf(ids)))];
      expect(merged.map(({ id }) => id)).toEqual([...listOf.keys()]);
    }),
  );
});

test("of each list no more is looked at than is needed for what is asked", () => {
  const [odd, even]: [number[], number[]] = [[], []];
  const merged = inOrderOfIds([viewsOf([1, 3, 5, 7], odd), viewsOf([2, 4, 6, 8], even)]);
  expect([merged.next().value?.id, merged.next().value?.id]).toEqual([1, 2]);
  expect([odd, even]).toEqual([[1, 3], [2]]);
});
