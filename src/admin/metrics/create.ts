import { Registry } from "prom-client";

import { catalogue } from "./catalogue.ts";
import type { MetricId, MetricRow } from "./catalogue.ts";
import { createCollectionGauges } from "./collection-gauges.ts";
import { createFamily } from "./families.ts";
import type { BoundedFamily } from "./family.ts";
import type { Cell, Counter, Family, Gauge, Histogram } from "./instruments.ts";

/** The label value of a collection that the process does not know: a sink may ask for any name. */
const UNKNOWN_COLLECTION = "unknown";

type Instruments = { readonly counter: Counter; readonly gauge: Gauge; readonly histogram: Histogram };

/** The instruments, one family for each row of the catalogue. */
export type MetricFamilies = {
  readonly [Id in MetricId]: Family<Instruments[MetricRow<Id>["type"]], MetricRow<Id>["labels"]>;
};

/** What Galley counts of itself, and the text that tells it. */
export interface Metrics extends MetricFamilies {
  /** Resources held of one collection; also feeds the metric that is named after it. */
  countResources(collection: string, count: number): void;
  /** Everything in the text format of Prometheus. Calls made while one is under way share its answer. */
  render(): Promise<string>;
  readonly contentType: string;
  /** For what publishes metrics of its own, such as the process; those named here are not in the catalogue. */
  readonly registry: Registry;
}

/** @param collections every collection the process knows; other names are counted as `unknown`. */
export interface MetricsOptions {
  readonly version: string;
  readonly collections: Iterable<string>;
}

/** Makes the instruments. Touches nothing outside: no timers, no global registry. */
export function createMetrics(options: MetricsOptions): Metrics {
  const registry = new Registry();
  const collections = new Set(options.collections);
  const bound = (label: string, value: string): string =>
    label !== "collection" || collections.has(value) ? value : UNKNOWN_COLLECTION;

  const families: Record<string, BoundedFamily<Cell | Histogram>> = {};
  for (const [id, spec] of Object.entries(catalogue)) families[id] = createFamily(spec, bound, registry);
  const typed = families as unknown as MetricFamilies;

  const namedAfter = createCollectionGauges(collections, registry);
  let rendering: Promise<string> | undefined;
  typed.build.with(options.version).set(1);
  return {
    ...typed,
    registry,
    contentType: registry.contentType,
    countResources(collection, count) {
      typed.instances.with(collection).set(count);
      namedAfter(collection)?.set(count);
    },
    render() {
      rendering ??= registry.metrics().finally(() => (rendering = undefined));
      return rendering;
    },
  };
}
