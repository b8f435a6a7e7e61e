import { fromBinary } from "@bufbuild/protobuf";
import type { Collection, ResourceName } from "../../src/model/names.ts";
import { CollectionRegistry, type CollectionSpec } from "../../src/model/collections.ts";
import { makeResource } from "../../src/model/make-resource.ts";
import { istioCollections } from "../../src/model/registry.ts";
import type { Resource } from "../../src/model/resource.ts";
import { ResourceSchema, type Resource as WireResource } from "../../src/wire/gen/istio13/mcp/v1alpha1/resource_pb.ts";

const istio = istioCollections();

function spec(name: string): CollectionSpec {
  const found = istio.get(name);
  if (found === undefined) throw new Error(`no collection ${name}`);
  return found;
}

const gateways = spec("istio/networking/v1alpha3/gateways");
const sidecars = spec("istio/networking/v1alpha3/sidecars");
const entries = spec("istio/networking/v1alpha3/serviceentries");
/** Served, but nobody publishes it: whoever asks for it waits. */
const synthetic = spec("istio/networking/v1alpha3/synthetic/serviceentries");

export const registry: CollectionRegistry = new CollectionRegistry([gateways, sidecars, entries, synthetic]);

/** The collections that have content. */
export const published: readonly Collection[] = [gateways.name, sidecars.name, entries.name];

/** What a sink may ask for. */
export const askable: readonly Collection[] = [...published, synthetic.name];

export const NAMES = 6;
export const VARIANTS = 3;

const origin = { describe: (): string => "the simulation" };

// Real resources, made by the code that makes them in production: their bytes and versions are part of what is proved.
const resources = new Map<string, Resource>();
/** What a sink sees of each, by collection, name and version. */
const wire = new Map<string, WireResource>();

/** A resource of a small world: `name` below NAMES + 1 (the last is for the end of a schedule), `variant` below VARIANTS. */
export function resource(collection: Collection, name: number, variant: number): Resource {
  const key = `${collection} ${name} ${variant}`;
  let made = resources.get(key);
  if (made === undefined) resources.set(key, (made = make(collection, name, variant)));
  return made;
}

function make(collection: Collection, name: number, variant: number): Resource {
  const labels = { variant: String(variant) };
  const parts = { name: `ns/n${name}` as ResourceName, labels, annotations: {} };
  const made = makeResource(spec(collection), parts, bodyOf(collection, variant), origin);
  if (!made.ok) throw new Error(JSON.stringify(made.issues));
  // One that the sinks' generation of the API can't express: it is in the collection, and no sink may ever see it.
  if (collection === sidecars.name && name === 0 && variant === 0) return { ...made.value, legacy: undefined };
  const seen = fromBinary(ResourceSchema, made.value.legacy!);
  wire.set(`${collection} ${made.value.name} ${made.value.version}`, seen);
  return made.value;
}

function bodyOf(collection: Collection, variant: number): unknown {
  if (collection === gateways.name) return { selector: { istio: `gateway-${variant}` } };
  if (collection === sidecars.name) return { workloadSelector: { labels: { app: `app-${variant}` } } };
  return { hosts: [`host-${variant}.example.com`], resolution: "DNS" };
}

/** The resource as sinks see it; `undefined` when there is no such version, or none that sinks can see. */
export function visible(collection: string, name: string, version: string): WireResource | undefined {
  return wire.get(`${collection} ${name} ${version}`);
}
