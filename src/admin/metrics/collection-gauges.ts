import type { Registry } from "prom-client";

import { DEFAULT_LABEL_SETS } from "./catalogue.ts";
import { createCells } from "./families.ts";
import type { BoundedFamily } from "./family.ts";
import type { Cell, Gauge } from "./instruments.ts";

/** Name and label of the metric that counts one collection's resources. */
export interface CollectionMetric {
  readonly name: string;
  readonly version: string;
}

// What Galley 1.3.6 cuts metric names to.
const LONGEST_NAME = 100;

/**
 * Galley 1.3.6 names a metric after each collection, without its third segment: the version, which is a label instead.
 * `istio/networking/v1alpha3/gateways` gives `galley_istio_networking_gateways{version="v1alpha3"}`. Dashboards take
 * `sum()` of it. `undefined` for a name of fewer than four segments, as in 1.3.6.
 */
export function collectionMetric(collection: string): CollectionMetric | undefined {
  const segments = collection.split("/");
  const version = segments[2];
  if (version === undefined || segments.length < 4) return undefined;
  const rest = [...segments.slice(0, 2), ...segments.slice(3)];
  const name = `galley_${rest.join("_")}`.replaceAll(/[^A-Za-z0-9]/g, "_").slice(0, LONGEST_NAME);
  return { name, version };
}

/**
 * The gauges that are named after collections, each made when it is asked for. `undefined` for a collection that is not
 * among `known`, has no such name, or whose name is taken by another metric.
 */
export function createCollectionGauges(
  known: ReadonlySet<string>,
  registry: Registry,
): (collection: string) => Gauge | undefined {
  const families = new Map<string, BoundedFamily<Cell>>();
  const gauges = new Map<string, Gauge>();
  return (collection) => {
    const gauge = gauges.get(collection);
    if (gauge !== undefined || !known.has(collection)) return gauge;
    const metric = collectionMetric(collection);
    if (metric === undefined || gauges.size >= DEFAULT_LABEL_SETS) return undefined;
    const family = families.get(metric.name) ?? createCollectionFamily(metric.name, registry);
    if (family === undefined) return undefined;
    families.set(metric.name, family);
    const created = family.with(metric.version);
    gauges.set(collection, created);
    return created;
  };
}

function createCollectionFamily(name: string, registry: Registry): BoundedFamily<Cell> | undefined {
  if (registry.getSingleMetric(name) !== undefined) return undefined;
  const help = "Resources held now of the collection that the metric is named after.";
  return createCells({ name, type: "gauge", help, labels: ["version"] }, (_label, value) => value, registry);
}
