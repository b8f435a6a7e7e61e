import { expect, test } from "vitest";
import { silentLogger } from "../../../lib/logger.ts";
import { ProblemList } from "../../../runtime/problems.ts";
import { read } from "../testing/ask-topic.ts";
import type { Topic } from "../topic.ts";
import { problemsTopic, type ProblemView } from "./problems.ts";

const problem: ProblemView = {
  severity: "error",
  code: "yaml-syntax",
  message: "a tab can't indent",
  action: "the last good version stays in service",
  source: "files",
  since: 0,
};

function problems(...all: ProblemView[]): Topic {
  const counts = { error: 0, warning: 0, info: 0 };
  for (const { severity } of all) counts[severity]++;
  return problemsTopic({ list: () => all, counts: () => counts });
}

test("a problem is shown with its place, and with what was done about it", () => {
  const at = { file: "mesh/gateway.yaml", line: 3, column: 1 };
  expect(read(problems({ ...problem, at, subject: "Gateway shop/web" }))).toEqual({
    counts: { error: 1, warning: 0, info: 0 },
    items: [
      {
        severity: "error",
        code: "yaml-syntax",
        message: "a tab can't indent",
        action: "the last good version stays in service",
        file: "mesh/gateway.yaml",
        line: 3,
        column: 1,
        subject: "Gateway shop/web",
        source: "files",
        since: "1970-01-01T00:00:00.000Z",
      },
    ],
  });
});

test("problems come worst first, then by file and line", () => {
  const at = (file: string, line: number): Partial<ProblemView> => ({ at: { file, line } });
  const topic = problems(
    { ...problem, severity: "info" },
    { ...problem, ...at("b", 1) },
    { ...problem, ...at("a", 10) },
    { ...problem, ...at("a", 9) },
    { ...problem, severity: "warning" },
  );
  const { items } = read(topic) as { items: { severity: string; file?: string; line?: number }[] };
  expect(items.map(({ severity, file, line }) => [severity, file, line])).toEqual([
    ["error", "a", 9],
    ["error", "a", 10],
    ["error", "b", 1],
    ["warning", undefined, undefined],
    ["info", undefined, undefined],
  ]);
});

test("a problem is shown where it stands now, and only what is shown is asked for that", () => {
  const all = [1, 5].map((line) => ({ ...problem, at: { file: "a", line } }));
  const asked: unknown[] = [];
  const topic = problemsTopic({ list: () => all, counts: () => ({ error: 2, warning: 0, info: 0 }) }, (one) => {
    asked.push(one);
    return { file: "a", line: one.at.line + 3 };
  });
  const answer = topic.read({ rest: "", parameter: () => undefined });
  if (answer.kind !== "list") throw new Error("no list");
  const [first] = answer.listing.from(undefined);
  expect(asked).toEqual([]);
  expect(first!.show()).toMatchObject({ file: "a", line: 4 });
  expect(asked).toEqual([all[0]]);
});

test("problems of one severity can be asked for; the counts stay those of all", () => {
  const topic = problems(problem, { ...problem, severity: "warning" });
  expect(read(topic, "", { severity: "warning" })).toMatchObject({
    counts: { error: 1, warning: 1 },
    items: [{ severity: "warning" }],
  });
  expect(read(topic, "", { severity: "fatal" })).toMatchObject({ status: 400 });
});

test("the list of problems itself is what the topic looks at", () => {
  const list = new ProblemList(silentLogger, () => 0);
  const topic = problemsTopic(list);
  list.set("files", "mesh/a.yaml", [{ ...problem, at: { file: "mesh/a.yaml" } }]);
  expect(read(topic)).toMatchObject({ counts: { error: 1 }, items: [{ file: "mesh/a.yaml", source: "files" }] });
  list.set("files", "mesh/a.yaml", []);
  expect(read(topic)).toMatchObject({ counts: { error: 0 }, items: [] });
});
