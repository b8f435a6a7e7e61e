import { expect, test } from "vitest";
import { cutPage } from "../listing.ts";
import type { Listing } from "../listing.ts";
import { changesTopic } from "./changes.ts";
import type { ChangeView } from "./changes.ts";

function change(id: number): ChangeView {
  const counts = { added: 1, updated: 0, deleted: 0 };
  const names = [{ name: "shop/web", change: "added" as const }];
  return { id, at: id * 1000, collections: [{ collection: "a/b/c", before: "0", after: `v${id}`, ...counts, names }] };
}

function listing(changes: readonly ChangeView[]): Listing {
  const answer = changesTopic(() => changes).read({ rest: "", parameter: () => undefined });
  if (answer.kind !== "list") throw new Error("expected a list");
  return answer.listing;
}

const idsOf = (page: ReturnType<typeof cutPage>): unknown[] =>
  page.items.map((entry) => (entry.show() as { id: number }).id);

test("changes are told newest first, with their collections", () => {
  const { items } = cutPage(listing([change(1), change(2)]), undefined, 10);
  expect(items.map((entry) => entry.show())).toEqual([
    {
      id: 2,
      at: "1970-01-01T00:00:02.000Z",
      collections: [
        {
          collection: "a/b/c",
          before: "0",
          after: "v2",
          added: 1,
          updated: 0,
          deleted: 0,
          names: [{ name: "shop/web", change: "added" }],
        },
      ],
    },
    expect.objectContaining({ id: 1 }),
  ]);
});

test("the next page goes on with what is older, whatever is published or forgotten meanwhile", () => {
  const first = cutPage(listing([7, 8, 9, 10, 11].map(change)), undefined, 2);
  expect(idsOf(first)).toEqual([11, 10]);
  const second = cutPage(listing([8, 9, 10, 11, 12].map(change)), first.next, 2);
  expect(idsOf(second)).toEqual([9, 8]);
  expect(second.next).toBeUndefined();
});

test("before anything is published there are none", () => {
  expect(listing([]).count).toBe(0);
});
