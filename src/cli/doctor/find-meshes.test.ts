import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { GalleyError } from "../../lib/errors.ts";
import { findMeshes } from "./find-meshes.ts";

const source = "configSources:\n- address: k8s://\n";
const indent = (text: string, by: number): string => text.replaceAll(/^(?=.)/gmu, " ".repeat(by));
const configMap = (name: string, more = ""): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\n  namespace: istio-system\n${more}data:\n  mesh: |-\n${indent(source, 4)}`;

function places(text: string): readonly string[] {
  return findMeshes("f.yaml", text).map(({ what, places: placesOf }) => {
    const { line, column } = placesOf([["configSources", 0, "address"]])[0] ?? {};
    return `${what} at ${line}:${column}`;
  });
}

describe("a mesh config is found", () => {
  test.each([
    ["alone", source, "mesh config at 2:3"],
    // The path that is asked for is spelled otherwise, so the nearest place above is told.
    ["in snake case", "config_sources:\n- address: k8s://\n", "mesh config at 1:1"],
    ["as JSON", '{"configSources": [\n{"address": "k8s://"}]}', "mesh config at 2:2"],
    ["after comments and a separator", `# x\n---\n# y\n${source}`, "mesh config at 5:3"],
    ["in a ConfigMap", configMap("istio"), "ConfigMap istio-system/istio at 9:7"],
    ["in Helm values", `pilot: {}\nmeshConfig:\n${indent(source, 2)}`, "Helm values at 4:5"],
    [
      "in an IstioOperator",
      `kind: IstioOperator\nspec:\n  meshConfig:\n${indent(source, 4)}`,
      "IstioOperator without a name at 5:7",
    ],
    [
      "in the values of an IstioOperator",
      `kind: IstioOperator\nmetadata: {name: x}\nspec:\n  values:\n    meshConfig:\n${indent(source, 6)}`,
      "IstioOperator x at 7:9",
    ],
    [
      "in an Istio resource",
      `apiVersion: sailoperator.io/v1\nkind: Istio\nmetadata: {name: default}\nspec:\n  values:\n    meshConfig:\n${indent(source, 6)}`,
      "Istio default at 8:9",
    ],
  ])("%s", (_, text, expected) => {
    expect(places(text)).toEqual([expected]);
  });

  test("in every ConfigMap of a list, and among documents that have nothing to do with it", () => {
    const item = (name: string): string => `- ${indent(configMap(name), 2).trimStart()}`;
    const list = `apiVersion: v1\nkind: ConfigMapList\nitems:\n${item("istio")}${item("istio-canary")}`;
    expect(places(`kind: Service\n---\n${list}---\nkind: Pod\n`)).toEqual([
      "ConfigMap istio-system/istio at 14:9",
      "ConfigMap istio-system/istio-canary at 23:9",
    ]);
  });

  test("where none is given, as an empty one", () => {
    expect(findMeshes("f", "kind: IstioOperator\nspec: {}\n")).toMatchObject([{ mesh: {} }]);
    expect(findMeshes("f", "{}")).toMatchObject([{ mesh: {} }]);
    expect(findMeshes("f", "kind: ConfigMap\ndata: {mesh: '# nothing'}\n")).toMatchObject([{ mesh: {} }]);
  });
});

test.each([
  [
    "a quoted text",
    String.raw`{"kind": "ConfigMap", "data": {` + "\n" + String.raw`"mesh": "configSources:\n- address: k8s://\n"}}`,
    2,
  ],
  ["a folded text", `kind: ConfigMap\ndata:\n  mesh: >\n    configSources:\n\n    - address: k8s://\n`, 3],
])("in %s the place is that of the text", (_, text, line) => {
  expect(findMeshes("f", text)[0]?.places([["configSources", 0, "address"]])).toMatchObject([{ file: "f", line }]);
});

test("a literal block with blank lines at its beginning has exact places", () => {
  const text =
    "kind: ConfigMap\ndata:\n  mesh: |\n\n\n    rootNamespace: x\n    configSources:\n    - address: k8s://\n";
  expect(findMeshes("f", text)[0]?.places([["configSources", 0, "address"]])).toEqual([
    { file: "f", line: 8, column: 7 },
  ]);
});

describe("the surroundings tell", () => {
  test.each([
    ["the revision that a ConfigMap is named for", configMap("istio-1-25"), { revision: "1-25" }],
    [
      "the revision that a ConfigMap is labelled with",
      configMap("x", "  labels: {istio.io/rev: canary}\n"),
      { revision: "canary" },
    ],
    ["that there is no revision", configMap("istio"), { revision: "default" }],
    [
      "the revision and version of an IstioOperator",
      "kind: IstioOperator\nspec: {revision: r, tag: 1.24.1}\n",
      { revision: "r", version: { text: "1.24.1", toldBy: "spec.tag" } },
    ],
    [
      "those of Helm values",
      "revision: r\nglobal: {tag: 1.24.1}\nmeshConfig: {rootNamespace: x}\n",
      { revision: "r", version: { text: "1.24.1", toldBy: "global.tag" } },
    ],
    [
      "the version of an Istio resource",
      "apiVersion: sailoperator.io/v1\nkind: Istio\nspec: {version: v1.26.2}\n",
      { version: { text: "v1.26.2", toldBy: "spec.version" } },
    ],
  ])("%s", (_, text, expected) => {
    expect(findMeshes("f", text)).toMatchObject([expected]);
  });
});

describe("what is no mesh config is refused, and what was expected is told:", () => {
  test.each([
    ["nothing", "", "f: there is no mesh config: it is empty"],
    ["comments", "# x\n---\n# y\n", "f: there is no mesh config: it is empty"],
    ["a text", "hello", 'f: there is no mesh config: it holds the text "hello"'],
    ["a list", "- a", "f: there is no mesh config: it holds a list"],
    ["another object", "a: 1", "f: there is no mesh config: it holds an object without any field of MeshConfig"],
    ["another resource", "kind: VirtualService", "f: there is no mesh config: it holds a VirtualService"],
    [
      "another ConfigMap",
      "kind: ConfigMap\nmetadata: {name: x}\n",
      "f: there is no mesh config: it holds ConfigMap x, without the key mesh in its data",
    ],
    [
      "another operator's Istio",
      "apiVersion: operator.kyma-project.io/v1\nkind: Istio\n",
      "f: there is no mesh config: it holds an Istio",
    ],
    [
      "a ConfigMap with another text",
      "kind: ConfigMap\ndata:\n  mesh: hello\n",
      'f:3:3: the mesh config in ConfigMap without a name can\'t be read: it is the text "hello"',
    ],
    [
      "a ConfigMap with a slip",
      "kind: ConfigMap\ndata:\n  mesh: 'a: ['\n",
      "f:3:3: the mesh config in ConfigMap without a name can't be read: ",
    ],
    ["a slip", "a: 1\n---\nb: [\n", "f:"],
    ["a template", "{{- if x }}\na: 1\n{{- end }}\n", "f:1:"],
  ])("%s", (_, text, message) => {
    let error: unknown;
    try {
      findMeshes("f", text);
    } catch (caught) {
      error = caught;
    }
    expect(error).toMatchObject({ code: "GLY_NOT_EXAMINED", message: expect.stringContaining(message) });
    expect((error as GalleyError).hint).toMatch(/MeshConfig|helm template/u);
  });

  test("a file that is full of them", () => {
    expect(() => findMeshes("f", `${source}---\n`.repeat(21))).toThrow("more than 20 mesh configs");
  });
});

test("any text gets a verdict", () => {
  const piece = fc.oneof(
    fc.string(),
    fc.constantFrom(
      "kind: ConfigMap\n",
      "data:\n",
      "  mesh: |\n",
      "    configSources:\n",
      "items: [{}]\n",
      "---\n",
      "kind: List\n",
      "{",
      "spec: 1\n",
      "kind: IstioOperator\n",
    ),
  );
  fc.assert(
    fc.property(fc.array(piece), (pieces) => {
      try {
        for (const found of findMeshes("f", pieces.join(""))) found.places([["configSources", 0]]);
      } catch (error) {
        if (!GalleyError.is(error)) throw error;
      }
    }),
  );
});
