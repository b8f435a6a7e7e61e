import { expect, test } from "vitest";
import { checkNumber } from "./number-option.ts";

const bounds = { min: 1, max: 10, unit: "milliseconds" };

test.each([1, 2.5, 10])("%d is within its bounds", (value) => {
  expect(() => checkNumber("waitMs", value, bounds)).not.toThrow();
});

test.each<[unknown, string]>([
  [0, "0"],
  [-1, "-1"],
  [11, "11"],
  [NaN, "NaN"],
  [Infinity, "Infinity"],
  ["5", "'5'"],
  [5n, "5n"],
  [undefined, "undefined"],
  [null, "null"],
  [Object.create(null), "[Object: null prototype] {}"],
])("%o is refused with the option, its bounds and itself", (value, shown) => {
  expect(() => checkNumber("waitMs", value, bounds)).toThrow(
    new RangeError(`\`waitMs\` can't be ${shown}: give 1 to 10 milliseconds`),
  );
});

test("a text that is endless is cut short", () => {
  expect(() => checkNumber("part", "x".repeat(1e6), { min: 0, max: 1 })).toThrow(
    /^`part` can't be 'x{50}'\.\.\. 999950 more characters: give 0 to 1$/,
  );
});
