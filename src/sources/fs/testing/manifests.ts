import fc from "fast-check";
import { thing, things } from "./harness.ts";

const name = fc.constantFrom("a", "b", "c", "shop/web", "wide-名", "UPPER_case");

/** Documents as people write them, break them and leave them behind. */
const document: fc.Arbitrary<string> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ name, port: fc.integer({ min: 1, max: 70_000 }) }).map(gateway) },
  { weight: 2, arbitrary: name.map((each) => thing(each, 1)) },
  name.map((each) => thing(each, "bad")),
  name.map((each) => thing(each, "odd")),
  name.map((each) => `${gateway({ name: each, port: 80 })}  selectr: {app: x}\n`),
  // A field that only today's API has: its two generations have bytes of their own.
  name.map(
    (each) =>
      `apiVersion: networking.istio.io/v1\nkind: ServiceEntry\nmetadata: {name: "${each.replace("/", ".")}"}\nspec:\n  hosts: [x.example.com]\n  workloadSelector: {labels: {app: x}}\n`,
  ),
  // Of the whole cluster, so that its namespace is not part of the resource's name.
  name.map(
    (each) =>
      `apiVersion: rbac.istio.io/v1alpha1\nkind: ClusterRbacConfig\nmetadata: {name: x${each.length}, namespace: n}\nspec: {mode: ON}\n`,
  ),
  fc.array(name, { maxLength: 3 }).map((names) => list(names.map((each) => ({ name: each, port: 80 })))),
  fc.constantFrom(
    "",
    "# nothing\n",
    "null\n",
    "a: [\n",
    "kind: Deployment\napiVersion: apps/v1\nmetadata: {name: d}\n",
  ),
  fc.string({ maxLength: 40 }),
);

/** The text of a file of such documents. */
export const manifests: fc.Arbitrary<string> = fc
  .array(document, { maxLength: 8 })
  .map((documents) => things(...documents.map((each) => (each.endsWith("\n") ? each : `${each}\n`))));

interface Gateway {
  readonly name: string;
  readonly port: number;
}

function gateway({ name, port }: Gateway): string {
  return `apiVersion: networking.istio.io/v1\nkind: Gateway\n${metadata(name)}spec:\n  servers:\n  - hosts: ["*"]\n    port: {number: ${port}, name: http, protocol: HTTP}\n`;
}

function metadata(name: string): string {
  const [namespace, last] = name.includes("/") ? name.split("/") : [undefined, name];
  return `metadata:\n  name: ${last}\n${namespace === undefined ? "" : `  namespace: ${namespace}\n`}`;
}

function list(items: readonly Gateway[]): string {
  const indented = items.map((item) =>
    gateway(item)
      .split("\n")
      .filter((line) => line !== "")
      .map((line, i) => `${i === 0 ? "- " : "  "}${line}\n`)
      .join(""),
  );
  return `apiVersion: v1\nkind: List\nitems:${indented.length === 0 ? " []" : ""}\n${indented.join("")}`;
}
