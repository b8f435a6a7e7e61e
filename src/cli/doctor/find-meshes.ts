import { GalleyError } from "../../lib/errors.ts";
import { explain } from "../../lib/yaml/explain.ts";
import type { YamlPath } from "../../lib/yaml/locate.ts";
import { parseYaml } from "../../lib/yaml/parse.ts";
import { splitYaml } from "../../lib/yaml/split.ts";
import { formatPlace } from "../../model/problem.ts";
import { describe, isPlainObject } from "../../wire/transcode/describe.ts";
import type { MeshObject } from "./config-sources.ts";
import { looksLikeMesh } from "./looks-like-mesh.ts";
import { type MeshDocument, type MeshText, placedIn, placedInText } from "./mesh-document.ts";

const EXPECTED =
  "give a MeshConfig, the ConfigMap istio that holds it, Helm values with meshConfig, an IstioOperator, or an Istio resource of the Sail operator";

/** What the charts give an istiod for which no revision is chosen. */
const DEFAULT_REVISION = "default";

/** Mesh configs in one file at most: a list of every ConfigMap of a cluster holds a handful. */
const MOST_MESHES = 20;

/**
 * Every mesh config in the text of a file, in order. Documents that have nothing to do with mesh config are passed over, as
 * long as one has. Throws `GalleyError` if the text is no YAML or JSON, or holds no mesh config.
 */
export function findMeshes(file: string, text: string): readonly MeshDocument[] {
  const found: MeshDocument[] = [];
  let seen = "it is empty";
  for (const { text: part, line } of splitYaml(text)) {
    const at = { file, text: part, line };
    const value = parseOrThrow(at);
    for (const mesh of meshesIn(value, at, [])) found.push(mesh);
    seen = `it holds ${describeDocument(value)}`;
    if (found.length > MOST_MESHES) throw fault(file, `it holds more than ${MOST_MESHES} mesh configs`);
  }
  if (found.length === 0) throw fault(file, `there is no mesh config: ${seen}`);
  return found;
}

function* meshesIn(value: unknown, at: MeshText, prefix: YamlPath): Generator<MeshDocument, void> {
  if (!isPlainObject(value)) return;
  const kind = textAt(value, ["kind"]);
  if (kind.endsWith("List") && Array.isArray(value["items"])) {
    for (const [i, item] of value["items"].entries()) yield* meshesIn(item, at, [...prefix, "items", i]);
  } else if (kind === "ConfigMap") yield* inConfigMap(value, at, prefix);
  else if (kind === "IstioOperator") yield inOperator(value, at, prefix);
  else if (
    (kind === "Istio" || kind === "IstioRevision") &&
    textAt(value, ["apiVersion"]).includes("sailoperator.io/")
  ) {
    yield inSail(value, at, prefix);
  } else if (kind === "" && isPlainObject(value["meshConfig"])) yield inValues(value, at, prefix);
  else if (kind === "" && looksLikeMesh(value)) {
    yield { what: "mesh config", mesh: value, ...placedIn(at, prefix), isWritten: true };
  }
}

function* inConfigMap(map: MeshObject, at: MeshText, prefix: YamlPath): Generator<MeshDocument, void> {
  const path = [...prefix, "data", "mesh"];
  const text = textAt(map, ["data", "mesh"]);
  if (text === "") return;
  const what = `ConfigMap ${nameIn(map)}`;
  const parsed = parseYaml(text);
  const mesh = parsed.ok ? (parsed.value ?? {}) : undefined;
  if (!isPlainObject(mesh)) {
    const why = parsed.ok ? `it is ${describe(mesh)}` : explain(text, parsed.fault).message;
    throw fault(placed(at, path), `the mesh config in ${what} can't be read: ${why}`);
  }
  // istioctl and Helm call the one of a revision istio-REVISION, and that of no revision istio.
  const named = /^istio-(.+)$/u.exec(textAt(map, ["metadata", "name"]))?.[1];
  const revision = textAt(map, ["metadata", "labels", "istio.io/rev"]) || named || DEFAULT_REVISION;
  yield { what, mesh, ...placedInText(at, path, text), revision, isWritten: true };
}

function inOperator(operator: MeshObject, at: MeshText, prefix: YamlPath): MeshDocument {
  const path = [
    ["spec", "meshConfig"],
    ["spec", "values", "meshConfig"],
  ].find((one) => isPlainObject(valueAt(operator, one)));
  const revision = textAt(operator, ["spec", "revision"]) || DEFAULT_REVISION;
  return {
    ...meshAt(operator, at, prefix, path ?? ["spec"], path !== undefined),
    what: `IstioOperator ${nameIn(operator)}`,
    revision,
    ...versionAt(operator, [["spec", "tag"]]),
  };
}

function inSail(resource: MeshObject, at: MeshText, prefix: YamlPath): MeshDocument {
  const path = ["spec", "values", "meshConfig"];
  const isGiven = isPlainObject(valueAt(resource, path));
  const revision = textAt(resource, ["spec", "values", "revision"]);
  return {
    ...meshAt(resource, at, prefix, isGiven ? path : ["spec"], isGiven),
    what: `${textAt(resource, ["kind"])} ${nameIn(resource)}`,
    ...(revision === "" ? {} : { revision }),
    ...versionAt(resource, [["spec", "version"]]),
  };
}

function inValues(values: MeshObject, at: MeshText, prefix: YamlPath): MeshDocument {
  const revision = textAt(values, ["revision"]) || DEFAULT_REVISION;
  return {
    ...meshAt(values, at, prefix, ["meshConfig"], true),
    what: "Helm values",
    revision,
    ...versionAt(values, [["global", "tag"]]),
  };
}

function meshAt(
  document: MeshObject,
  at: MeshText,
  prefix: YamlPath,
  path: YamlPath,
  isGiven: boolean,
): Pick<MeshDocument, "mesh" | "file" | "places" | "isWritten"> {
  const mesh = isGiven ? (valueAt(document, path) as MeshObject) : {};
  return { mesh, ...placedIn(at, [...prefix, ...path]), isWritten: true };
}

function versionAt(document: MeshObject, paths: readonly YamlPath[]): Pick<MeshDocument, "version"> {
  for (const path of paths) {
    const text = textAt(document, path);
    if (text !== "") return { version: { text, toldBy: path.join(".") } };
  }
  return {};
}

function nameIn(document: MeshObject): string {
  const [namespace, name] = [textAt(document, ["metadata", "namespace"]), textAt(document, ["metadata", "name"])];
  return [namespace, name].filter((part) => part !== "").join("/") || "without a name";
}

function valueAt(value: unknown, path: YamlPath): unknown {
  let at = value;
  for (const part of path) {
    if (typeof at !== "object" || at === null || !Object.hasOwn(at, part)) return undefined;
    at = (at as Readonly<Record<string | number, unknown>>)[part];
  }
  return at;
}

function textAt(value: unknown, path: YamlPath): string {
  const found = valueAt(value, path);
  return typeof found === "string" ? found : "";
}

function describeDocument(value: unknown): string {
  const kind = textAt(value, ["kind"]);
  if (kind === "ConfigMap") return `ConfigMap ${nameIn(value as MeshObject)}, without the key mesh in its data`;
  if (kind !== "") return `${/^[AEIOU]/u.test(kind) ? "an" : "a"} ${kind}`;
  return isPlainObject(value) ? "an object without any field of MeshConfig" : describe(value);
}

function parseOrThrow(at: MeshText): unknown {
  const parsed = parseYaml(at.text);
  if (parsed.ok) return parsed.value;
  const { line, column, message } = explain(at.text, parsed.fault);
  const place = formatPlace({ file: at.file, line: at.line + line - 1, column });
  throw new GalleyError("GLY_NOT_EXAMINED", `${place}: ${message}`, {
    hint: "correct the YAML; of a Helm chart give the values, or what helm template makes of it",
  });
}

function placed(at: MeshText, path: YamlPath): string {
  const [place] = placedIn(at, path).places([[]]);
  return place === undefined ? at.file : formatPlace(place);
}

function fault(where: string, why: string): GalleyError {
  return new GalleyError("GLY_NOT_EXAMINED", `${where}: ${why}`, { hint: EXPECTED });
}
