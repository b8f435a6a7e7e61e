import { expect, test } from "vitest";
import { clip, formatPath } from "./issue.ts";

test.each([
  [[], ""],
  [["spec", "http", 0, "route"], "spec.http[0].route"],
  [["metadata", "labels", "istio.io/rev"], 'metadata.labels["istio.io/rev"]'],
  [["metadata", "labels", ""], 'metadata.labels[""]'],
  [[0, "a"], "[0].a"],
])("the path %j reads %s", (path, text) => {
  expect(formatPath(path)).toBe(text);
});

test("foreign text is quoted and cut", () => {
  expect(clip('a"\n')).toBe('"a\\"\\n"');
  expect(clip("x".repeat(5000)).length).toBeLessThan(70);
  expect(formatPath(["x".repeat(5000)]).length).toBeLessThan(100);
});
