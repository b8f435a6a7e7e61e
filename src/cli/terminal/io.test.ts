import { expect, test } from "vitest";
import { textWidth } from "./io.ts";

test.each([
  [undefined, 80],
  [72, 72],
  [20, 40],
  [0, 40],
  [300, 100],
])("text on a terminal of %s columns is laid out in %d cells", (columns, width) => {
  expect(textWidth({ write: () => true, ...(columns === undefined ? {} : { columns }) })).toBe(width);
});
