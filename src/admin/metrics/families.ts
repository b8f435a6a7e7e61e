import { Counter as PromCounter, Gauge as PromGauge, Histogram as PromHistogram } from "prom-client";
import type { Registry } from "prom-client";

import { buckets } from "./buckets.ts";
import { DEFAULT_LABEL_SETS } from "./catalogue.ts";
import type { MetricSpec } from "./catalogue.ts";
import { BoundedFamily } from "./family.ts";
import { Cell } from "./instruments.ts";
import type { Histogram } from "./instruments.ts";

/** Turns a label value into one of a bounded set. */
export type Bound = (label: string, value: string) => string;

/** Makes the instruments of one row and registers them for reading. */
export function createFamily(spec: MetricSpec, bound: Bound, registry: Registry): BoundedFamily<Cell | Histogram> {
  return spec.type === "histogram" ? createHistograms(spec, bound, registry) : createCells(spec, bound, registry);
}

/** Counters and gauges: the client's own values are filled in anew each time they are read. */
export function createCells(spec: MetricSpec, bound: Bound, registry: Registry): BoundedFamily<Cell> {
  const family = new BoundedFamily<Cell>({ ...familyOptions(spec, bound), create: (labels) => new Cell(labels) });
  const metric =
    spec.type === "counter"
      ? new PromCounter({ ...clientOptions(spec, registry), collect: refill })
      : new PromGauge({ ...clientOptions(spec, registry), collect: refill });
  function refill(): void {
    metric.reset();
    for (const cell of family.all()) metric.inc(cell.labels, cell.value);
  }
  // A metric without labels shows its 0 from the start.
  if (spec.labels.length === 0) family.with();
  return family;
}

function createHistograms(spec: MetricSpec, bound: Bound, registry: Registry): BoundedFamily<Histogram> {
  const metric = new PromHistogram({
    ...clientOptions(spec, registry),
    buckets: [...buckets[spec.buckets ?? "milliseconds"]],
  });
  const family = new BoundedFamily<Histogram>({
    ...familyOptions(spec, bound),
    create(labels) {
      metric.zero(labels);
      return { observe: (value) => metric.observe(labels, value) };
    },
  });
  if (spec.labels.length === 0) family.with();
  return family;
}

function familyOptions(spec: MetricSpec, bound: Bound): Omit<ConstructorParameters<typeof BoundedFamily>[0], "create"> {
  return { labels: spec.labels, fixed: spec.fixed ?? {}, limit: spec.labelSets ?? DEFAULT_LABEL_SETS, bound };
}

function clientOptions(
  spec: MetricSpec,
  registry: Registry,
): { name: string; help: string; labelNames: string[]; registers: Registry[] } {
  const labelNames = [...Object.keys(spec.fixed ?? {}), ...spec.labels];
  return { name: spec.name, help: spec.help, labelNames, registers: [registry] };
}
