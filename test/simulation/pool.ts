import { fromBinary } from "@bufbuild/protobuf";
import type { Collection, ResourceName } from "../../src/model/names.ts";
import { CollectionRegistry, type CollectionSpec } from "../../src/model/collections.ts";
import { makeResource } from "../../src/model/make-resource.ts";
import { istioCollections } from "../../src/model/registry.ts";
import type { Resource } from "../../src/model/resource.ts";
import {
  ResourceSchema as CurrentSchema,
  type Resource as CurrentResource,
} from "../../src/wire/gen/current/mcp/v1alpha1/resource_pb.ts";
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

/** Kinds of today's Istio alone: served over xDS, to nobody over MCP. */
const plugins = spec("istio/extensions/v1alpha1/wasmplugins");
const extensions = spec("istio/extensions/v1alpha1/trafficextensions");

export const registry: CollectionRegistry = new CollectionRegistry([
  gateways,
  sidecars,
  entries,
  synthetic,
  plugins,
  extensions,
]);

/** Collections that have content, and sinks. */
export const common: readonly Collection[] = [gateways.name, sidecars.name, entries.name];

/** Collections that have content, and clients over xDS only. */
export const modern: readonly Collection[] = [plugins.name, extensions.name];

/** The collections that have content. */
export const published: readonly Collection[] = [...common, ...modern];

/** What a sink may ask for over MCP. */
export const askable: readonly Collection[] = [...common, synthetic.name];

export const NAMES = 6;
export const VARIANTS = 3;

/** Names of which one variant can't be expressed in today's API, and another is for everybody. */
export const spoilable: readonly number[] = [3, 4, 5];
export const SPOILED = 1;
export const SOUND = 0;

const origin = { describe: (): string => "the simulation" };

/** Revisions of istiod. */
export const revisions = ["canary", "stable"] as const;

/** What a client over xDS may see of a resource. */
export interface Modern {
  /** The revision that it is dedicated to. */
  readonly revision: string | undefined;
  /** Whether an istiod would drop it without a word. */
  readonly isOffender: boolean;
  readonly wire: CurrentResource | undefined;
}

// Real resources, made by the code that makes them in production: their bytes and versions are part of what is proved.
const resources = new Map<string, Resource>();
/** What a sink sees of each, by collection, name and version. */
const wire = new Map<string, WireResource>();
const modernWire = new Map<string, Modern>();

/** A resource of a small world: `name` below NAMES + 1 (the last is for the end of a schedule), `variant` below VARIANTS. */
export function resource(collection: Collection, name: number, variant: number): Resource {
  const key = `${collection} ${name} ${variant}`;
  let made = resources.get(key);
  if (made === undefined) resources.set(key, (made = make(collection, name, variant)));
  return made;
}

function make(collection: Collection, name: number, variant: number): Resource {
  const revision = revisionOf(name, variant);
  const labels = { variant: String(variant), ...(revision !== undefined && { "istio.io/rev": revision }) };
  const isReserved = name === 2 && variant === 0;
  const annotations = isReserved ? { ResourceVersion: "7" } : {};
  const parts = { name: nameOf(collection, name), labels, annotations };
  const made = makeResource(spec(collection), parts, bodyOf(collection, variant), origin);
  if (!made.ok) throw new Error(JSON.stringify(made.issues));
  const value = spoiled(collection, name, variant, made.value);
  const key = `${collection} ${value.name} ${value.version}`;
  if (value.legacy !== undefined) wire.set(key, fromBinary(ResourceSchema, value.legacy));
  modernWire.set(key, {
    revision,
    isOffender: isReserved || value.current === undefined || !value.name.includes("/"),
    wire: value.current && fromBinary(CurrentSchema, value.current),
  });
  return value;
}

/** Some can't be expressed: they are in the collection, and whoever speaks that generation of the API may never see them. */
function spoiled(collection: Collection, name: number, variant: number, value: Resource): Resource {
  if (collection === sidecars.name && name === 0 && variant === 0) return { ...value, legacy: undefined };
  if (spoilable.includes(name) && variant === SPOILED) return { ...value, current: undefined };
  return value;
}

function nameOf(collection: Collection, name: number): ResourceName {
  return (collection === entries.name && name === 5 ? "n5" : `ns/n${name}`) as ResourceName;
}

/** A label for one revision comes and goes with the variant. */
function revisionOf(name: number, variant: number): string | undefined {
  if (name === 1 && variant === 2) return revisions[0];
  if (name < 3 && variant === 1) return revisions[1];
  return undefined;
}

function bodyOf(collection: Collection, variant: number): unknown {
  if (collection === gateways.name) return { selector: { istio: `gateway-${variant}` } };
  if (collection === sidecars.name) return { workloadSelector: { labels: { app: `app-${variant}` } } };
  if (collection === plugins.name) return { url: pluginUrl(variant) };
  if (collection === extensions.name) return { lua: { inlineCode: `-- ${variant}` } };
  return { hosts: [`host-${variant}.example.com`], resolution: "DNS" };
}

/** Where the code of a plugin is: it tells the variants apart. */
export function pluginUrl(variant: number): string {
  return `oci://registry.example/plugin:${variant}`;
}

/** The resource as sinks see it; `undefined` when there is no such version, or none that sinks can see. */
export function visible(collection: string, name: string, version: string): WireResource | undefined {
  return wire.get(`${collection} ${name} ${version}`);
}

/** The resource as it is over xDS. @throws Error when there is no such version */
export function modernForm(collection: string, name: string, version: string): Modern {
  const form = modernWire.get(`${collection} ${name} ${version}`);
  if (form === undefined) throw new Error(`no ${name}@${version} in ${collection}`);
  return form;
}
