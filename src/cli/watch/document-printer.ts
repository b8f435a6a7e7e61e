import type { JsonObject } from "@bufbuild/protobuf";
import { stringify } from "yaml";
import type { ReceivedResource } from "../../model/received/resource.ts";
import type { Effect } from "../../model/received/store.ts";
import { type ResourceName, splitName } from "../../model/names.ts";
import type { Arrived, DocumentKind, KindOf, Noun, Printer } from "./printer.ts";

type Write = (text: string) => void;

/** A YAML document for each resource, in the form that people write them; live changes are marked in a comment. */
export class YamlPrinter implements Printer {
  readonly #write: Write;
  readonly #kindOf: KindOf;

  constructor(write: Write, kindOf: KindOf) {
    this.#write = write;
    this.#kindOf = kindOf;
  }

  arrived({ subject, effects, first }: Arrived): void {
    for (const effect of effects) {
      const mark = first ? "---" : `--- # ${effect.kind}`;
      this.#write(`${mark}\n${stringify(documentOf(effect.resource, this.#kindOf(subject, effect.resource.typeUrl)))}`);
    }
  }

  complete(): void {
    // Documents are complete by themselves.
  }
}

/** One JSON object a line for each resource: `{"change", "collection", "name", "version", …, "body"}`, or with `"type"`. */
export class JsonPrinter implements Printer {
  readonly #write: Write;
  readonly #noun: Noun;

  constructor(write: Write, noun: Noun) {
    this.#write = write;
    this.#noun = noun;
  }

  arrived({ subject, effects, first }: Arrived): void {
    for (const effect of effects) this.#write(`${JSON.stringify(lineOf({ [this.#noun]: subject }, effect, first))}\n`);
  }

  complete(): void {
    // Every line is complete by itself.
  }
}

function lineOf(subject: JsonObject, { kind, name, resource }: Effect, first: boolean): JsonObject {
  const { version, labels, annotations, typeUrl } = resource;
  const change = first ? "initial" : kind;
  const base = { change, ...subject, name, version };
  return kind === "deleted"
    ? base
    : { ...base, ...createdOf(resource), labels, annotations, typeUrl, body: resource.body() };
}

/** The resource as a Kubernetes-style document. */
function documentOf(resource: ReceivedResource, { apiVersion, kind }: DocumentKind): JsonObject {
  const { namespace, name } = splitName(resource.name as ResourceName);
  const metadata: JsonObject = { name };
  if (namespace !== "") metadata["namespace"] = namespace;
  if (Object.keys(resource.labels).length > 0) metadata["labels"] = { ...resource.labels };
  if (Object.keys(resource.annotations).length > 0) metadata["annotations"] = { ...resource.annotations };
  const created = createdOf(resource).created;
  if (created !== undefined) metadata["creationTimestamp"] = created;
  return { apiVersion, kind, metadata, spec: resource.body() };
}

function createdOf({ createdAt }: ReceivedResource): { readonly created?: string } {
  // The year 1 is how a source says that it does not know.
  return createdAt === undefined || createdAt <= 0 ? {} : { created: new Date(createdAt * 1000).toISOString() };
}
