import { describe, expect, it } from "vitest";
import { parseTimeout } from "./timeout.ts";

describe("parseTimeout", () => {
  it.each([
    ["1H", 3_600_000],
    ["2M", 120_000],
    ["3S", 3_000],
    ["250m", 250],
    ["1500u", 2],
    ["1n", 1],
    ["0n", 0],
    ["00000001S", 1_000],
  ])("reads %s as %i ms", (header, ms) => {
    expect(parseTimeout(header)).toBe(ms);
  });

  it("caps what no timer can hold", () => {
    expect(parseTimeout("99999999H")).toBe(2 ** 31 - 1);
  });

  it.each(["", "S", "10", "-1S", "1.5S", " 1S", "1S ", "123456789S", "1s", "1h", "1SS", "٣S"])(
    "refuses %j",
    (header) => {
      expect(parseTimeout(header)).toBeUndefined();
    },
  );
});
