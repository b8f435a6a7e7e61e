import { expect, test } from "vitest";
import type { Problem } from "../../model/problem.ts";
import type { Resource } from "../../model/resource.ts";
import { Table } from "../../snapshot/table.ts";
import { currentResource, serviceEntries } from "../testing/resources.ts";
import { Accepted } from "./accepted.ts";
import { judgeForIstiod } from "./istiod-rules.ts";

function setUp(...first: readonly Resource[]) {
  const reports: (readonly Problem[])[] = [];
  const judged: Resource[] = [];
  let latest = Table.of(first);
  const accepted = new Accepted({
    latest: () => latest,
    judge(resource) {
      judged.push(resource);
      return judgeForIstiod(serviceEntries, resource);
    },
    report: (problems) => reports.push(problems),
  });
  const judge = (): void => {
    expect(accepted.begin()).toBe(true);
    // One at a time: that what belongs together is judged in several portions must not matter.
    while (!accepted.isJudged) expect(accepted.judge(1)).toBe(1);
    accepted.settle();
  };
  judge();
  const publish = (...resources: readonly Resource[]): void => {
    latest = Table.of(resources);
    judge();
  };
  return { accepted: () => accepted.table!, publish, reports, judged, published: () => latest };
}

const good = currentResource("a/a", { body: "good" });
const bad: Resource = { ...currentResource("a/a", { body: "bad" }), current: undefined };
const bodies = (table: Table): unknown[] => [...table].map(({ version }) => version);

test("content without fault is the very table that was published", () => {
  const { accepted, published, reports } = setUp(good);
  expect(accepted()).toBe(published());
  expect(reports).toEqual([]);
});

test("what has never passed is held back, and reported with its place and what to do", () => {
  const { accepted, reports } = setUp(currentResource("nowhere"), good);
  expect(bodies(accepted())).toEqual([good.version]);
  expect(reports).toEqual([
    [
      {
        severity: "warning",
        code: "no-namespace",
        message: "istiod drops what has no namespace: set metadata.namespace",
        action: "it is held back from clients over xDS",
        subject: "ServiceEntry nowhere",
        at: { file: "mesh/nowhere.yaml", line: 1 },
        origin: expect.anything() as object,
      },
    ],
  ]);
});

test("what was made anew is judged anew, though it says the same", () => {
  const { publish, accepted, judged } = setUp(good);
  const again = { ...good };
  const other = currentResource("a/b");
  publish(again, other);
  expect(accepted().get(good.name)).toBe(again);
  expect(judged).toEqual([good, again, other]);
});

test("the last version that passed stays through any number of bad ones, until it is mended", () => {
  const { accepted, publish, reports, published } = setUp(good);
  publish(bad);
  publish({ ...bad, version: currentResource("a/a", { body: "worse" }).version });
  expect(bodies(accepted())).toEqual([good.version]);
  expect(reports.at(-1)).toMatchObject([
    { code: "not-in-todays-api", action: "clients over xDS keep the last version that passed" },
  ]);
  publish(currentResource("a/a", { body: "mended" }));
  expect(accepted()).toBe(published());
  expect(reports.at(-1)).toEqual([]);
});

test("a document that loses its namespace leaves what it was in service, until it has one again or is gone", () => {
  const renamed: Resource = { ...currentResource("a"), origin: good.origin };
  const { accepted, publish, reports, published } = setUp(good, currentResource("b/a"));
  publish(renamed, currentResource("b/a"));
  expect([...accepted()].map(({ name }) => name)).toEqual(["a/a", "b/a"]);
  expect(reports.at(-1)).toMatchObject([
    { code: "no-namespace", action: "clients over xDS keep the last version that passed" },
  ]);
  publish({ ...renamed, version: good.version }, currentResource("b/a"));
  expect([...accepted()].map(({ name }) => name)).toEqual(["a/a", "b/a"]);
  publish(currentResource("b/a"));
  expect(accepted()).toBe(published());
  publish(renamed, good);
  expect([...accepted()]).toEqual([good]);
});

test("a resource of the same name elsewhere is no earlier version of one without a namespace", () => {
  const { accepted, publish } = setUp(good);
  publish(currentResource("a"));
  expect([...accepted()]).toEqual([]);
});

test("what is deleted goes, although its last version did not pass", () => {
  const { accepted, publish, reports } = setUp(good, currentResource("a/b"));
  publish(bad, currentResource("a/b"));
  publish(currentResource("a/b"));
  expect([...accepted()].map(({ name }) => name)).toEqual(["a/b"]);
  expect(reports.at(-1)).toEqual([]);
});

test("an annotation that istiod keeps for itself holds a resource back; a body that mentions it does not", () => {
  const { accepted, reports } = setUp(
    currentResource("a/a", { annotations: { ResourceVersion: "7" } }),
    currentResource("a/b", { body: "ResourceVersion" }),
  );
  expect([...accepted()].map(({ name }) => name)).toEqual(["a/b"]);
  expect(reports.at(-1)).toMatchObject([{ code: "reserved-annotation" }]);
});
