import fc from "fast-check";
import { expect, test } from "vitest";
import type { ResourceName } from "../../model/names.ts";
import { Table } from "../../snapshot/table.ts";
import { currentResource } from "../testing/resources.ts";
import { RevisionLabels } from "./revision-labels.ts";
import { Revisions } from "./revisions.ts";

const labels = new RevisionLabels();

const seen = (...made: Parameters<typeof currentResource>) => {
  const resource = currentResource(...made);
  labels.look(resource);
  return resource;
};

const labelled = (name: string, revision: string | undefined, body = "") =>
  seen(name, { labels: revision === undefined ? {} : { "istio.io/rev": revision }, body });

const namesOf = (table: Table): string[] => [...table].map(({ name }) => name);

test("a client of a revision sees what is of it and what is of none", () => {
  const content = Table.of([labelled("a/all", undefined), labelled("a/new", "new"), labelled("a/old", "old")]);
  const revisions = new Revisions(labels);
  expect(namesOf(revisions.view(content, "new"))).toEqual(["a/all", "a/new"]);
  expect(namesOf(revisions.view(content, "old"))).toEqual(["a/all", "a/old"]);
  expect(namesOf(revisions.view(content, "other"))).toEqual(["a/all"]);
  expect(revisions.view(content, "")).toBe(content);
});

test("as long as nothing is labelled everybody sees the very content", () => {
  const content = Table.of([labelled("a/all", undefined)]);
  expect(new Revisions(labels).view(content, "new")).toBe(content);
});

test("an annotation or body that reads like the label is none", () => {
  const content = Table.of([seen("a/a", { annotations: { "istio.io/rev": "old" }, body: "istio.io/rev" })]);
  expect(namesOf(new Revisions(labels).view(content, "new"))).toEqual(["a/a"]);
});

test("whatever is labelled, relabelled and deleted, each view is what filtering the content anew gives", () => {
  const revision = fc.option(fc.constantFrom("old", "new", "next"), { nil: undefined });
  const edit = fc.record({ key: fc.nat(5), gone: fc.boolean(), revision, body: fc.constantFrom("x", "y") });
  fc.assert(
    fc.property(fc.array(fc.array(edit, { minLength: 1, maxLength: 4 }), { maxLength: 12 }), (batches) => {
      const revisions = new Revisions(labels);
      let content = Table.empty;
      const revisionOf = new Map<string, string | undefined>();
      for (const batch of batches) {
        content = content.with(
          batch.map(({ key, gone, revision, body }) => {
            const name = `ns/n${key}` as ResourceName;
            revisionOf.set(name, revision);
            return { name, resource: gone ? undefined : labelled(name, revision, body) };
          }),
        );
        for (const client of ["old", "new", "next", "other"]) {
          const due = [...content].filter(({ name }) => [undefined, client].includes(revisionOf.get(name)));
          const view = revisions.view(content, client);
          expect([...view]).toEqual(due);
          expect(view.version).toBe(Table.of(due).version);
        }
      }
    }),
    { numRuns: 300 },
  );
});
