import fc from "fast-check";
import { expect, test } from "vitest";
import { JOURNAL_SIZE, RequestJournal } from "./journal.ts";

test("the last requests are kept, oldest first, however many there were", () => {
  fc.assert(
    fc.property(fc.nat({ max: 3 * JOURNAL_SIZE }), (count) => {
      const journal = new RequestJournal();
      const held = new Map([["a", "1"]]);
      for (let n = 0; n < count; n++) {
        const error = n % 2 === 0 ? undefined : { code: 3, message: "no" };
        journal.record({ collection: "c", nonce: `${n}`, incremental: true, held, error }, n);
      }
      const expected = Array.from({ length: count }, (_, n) => n).slice(-JOURNAL_SIZE);
      expect(journal.entries.map(({ at }) => at)).toEqual(expected);
      expect(journal.entries.map(({ acked }) => acked)).toEqual(expected.map((n) => n % 2 === 0));
      expect(journal.entries.every((entry) => entry.held === 1)).toBe(true);
    }),
  );
});
