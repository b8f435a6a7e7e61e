import type { JsonObject } from "@bufbuild/protobuf";
import { stringify } from "yaml";
import type { SinkResource } from "../../mcp/sink/change.ts";
import type { Effect } from "../../mcp/sink/store.ts";
import type { CollectionRegistry } from "../../model/collections.ts";
import { type ResourceName, splitName } from "../../model/names.ts";
import type { Arrived, Printer } from "./printer.ts";

type Write = (text: string) => void;

/** A YAML document for each resource, in the form that people write them; live changes are marked in a comment. */
export class YamlPrinter implements Printer {
  readonly #write: Write;
  readonly #registry: CollectionRegistry;

  constructor(write: Write, registry: CollectionRegistry) {
    this.#write = write;
    this.#registry = registry;
  }

  arrived({ change, effects, first }: Arrived): void {
    for (const effect of effects) {
      const mark = first ? "---" : `--- # ${effect.kind}`;
      this.#write(`${mark}\n${stringify(documentOf(change.collection, effect.resource, this.#registry))}`);
    }
  }

  complete(): void {
    // Documents are complete by themselves.
  }
}

/** One JSON object a line for each resource: `{"change", "collection", "name", "version", …, "body"}`. */
export class JsonPrinter implements Printer {
  readonly #write: Write;

  constructor(write: Write) {
    this.#write = write;
  }

  arrived({ change, effects, first }: Arrived): void {
    for (const effect of effects) this.#write(`${JSON.stringify(lineOf(change.collection, effect, first))}\n`);
  }

  complete(): void {
    // Every line is complete by itself.
  }
}

function lineOf(collection: string, { kind, name, resource }: Effect, first: boolean): JsonObject {
  const { version, labels, annotations, typeUrl } = resource;
  const change = first ? "initial" : kind;
  const base = { change, collection, name, version };
  return kind === "deleted"
    ? base
    : { ...base, ...createdOf(resource), labels, annotations, typeUrl, body: resource.body() };
}

/** The resource as a Kubernetes-style document. */
function documentOf(collection: string, resource: SinkResource, registry: CollectionRegistry): JsonObject {
  const spec = registry.get(collection);
  const { namespace, name } = splitName(resource.name as ResourceName);
  const version = spec?.versions[0] ?? "v1";
  const metadata: JsonObject = { name };
  if (namespace !== "") metadata["namespace"] = namespace;
  if (Object.keys(resource.labels).length > 0) metadata["labels"] = { ...resource.labels };
  if (Object.keys(resource.annotations).length > 0) metadata["annotations"] = { ...resource.annotations };
  const created = createdOf(resource).created;
  if (created !== undefined) metadata["creationTimestamp"] = created;
  return {
    apiVersion: spec?.group ? `${spec.group}/${version}` : version,
    kind: spec?.kind || (resource.typeUrl.split(".").at(-1) ?? ""),
    metadata,
    spec: resource.body(),
  };
}

function createdOf({ createdAt }: SinkResource): { readonly created?: string } {
  // The year 1 is how a source says that it does not know.
  return createdAt === undefined || createdAt <= 0 ? {} : { created: new Date(createdAt * 1000).toISOString() };
}
