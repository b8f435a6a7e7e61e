import { expect, test } from "vitest";
import { parseSinkMeta } from "./meta.ts";

test("pairs become metadata, in order, keys in lower case, a key as often as it comes", () => {
  expect(parseSinkMeta([])).toEqual({ ok: true, metadata: [] });
  expect(parseSinkMeta(["Zone=a", "zone=b", "cluster=eu-1"])).toEqual({
    ok: true,
    metadata: [
      ["zone", "a"],
      ["zone", "b"],
      ["cluster", "eu-1"],
    ],
  });
});

test.each(["", "=", "key", "key=", "=value", "a=b=c"])("%j is no pair, and named", (pair) => {
  expect(parseSinkMeta(["good=1", pair])).toEqual({
    ok: false,
    reason: `sinkMeta not in key=value format: ${JSON.stringify(pair)}`,
  });
});

test.each(["grpc-timeout=1S", "te=trailers", "key=a\nb", "ké=1", "key= padded"])(
  "%j can't be sent, and is named",
  (pair) => {
    expect(parseSinkMeta([pair])).toMatchObject({ ok: false, reason: expect.stringMatching(/^sinkMeta: metadata "/) });
  },
);
