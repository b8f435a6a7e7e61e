import { expect, test } from "vitest";
import { readRefusalLogLimit } from "./refusal-log-limit.ts";

test("refusals are logged as Galley 1.3.6 does unless the environment says otherwise", () => {
  expect(readRefusalLogLimit({})).toEqual({ limit: { burst: 1, everyMs: 60_000 }, notices: [] });
  const env = { AUTHZ_FAILURE_LOG_BURST_SIZE: "20", AUTHZ_FAILURE_LOG_FREQ: "1m30s" };
  expect(readRefusalLogLimit(env)).toEqual({ limit: { burst: 20, everyMs: 90_000 }, notices: [] });
  expect(readRefusalLogLimit({ AUTHZ_FAILURE_LOG_FREQ: "" }).notices).toEqual([]);
});

test("a variable that makes no sense is left out with a notice", () => {
  for (const [burst, freq] of [
    ["-1", "often"],
    ["1.5", "0s"],
    ["0", "-1m"],
  ] as const) {
    const env = { AUTHZ_FAILURE_LOG_BURST_SIZE: burst, AUTHZ_FAILURE_LOG_FREQ: freq };
    expect(readRefusalLogLimit(env)).toEqual({
      limit: { burst: 1, everyMs: 60_000 },
      notices: [
        `AUTHZ_FAILURE_LOG_BURST_SIZE=${burst} is left out: expected a whole number of 1 or more`,
        `AUTHZ_FAILURE_LOG_FREQ=${freq} is left out: expected a duration such as 1m`,
      ],
    });
  }
});
