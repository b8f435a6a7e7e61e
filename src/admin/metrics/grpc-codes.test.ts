import * as fc from "fast-check";
import { expect, test } from "vitest";

import { codeName, codeNumber } from "./grpc-codes.ts";

test("a gRPC code is named as Go names it", () => {
  expect([0, 1, 3, 12, 16].map(codeName)).toEqual([
    "OK",
    "Canceled",
    "InvalidArgument",
    "Unimplemented",
    "Unauthenticated",
  ]);
  expect(codeNumber(14)).toBe("14");
});

test("whatever number a peer sends, the labels stay within a bounded set", () => {
  const seen = new Set<string>();
  fc.assert(
    fc.property(fc.oneof(fc.integer(), fc.double()), (code) => {
      seen.add(codeName(code)).add(codeNumber(code));
    }),
  );
  expect(seen).toContain("other");
  expect(seen.size).toBeLessThanOrEqual(2 * 17 + 1);
});
