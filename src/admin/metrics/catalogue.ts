import type { buckets } from "./buckets.ts";
import { galleyMetrics } from "./catalogue-galley.ts";
import { istioMetrics } from "./catalogue-istio.ts";

/** One row of the catalogue. */
export interface MetricSpec {
  readonly name: string;
  readonly type: "counter" | "gauge" | "histogram";
  readonly help: string;
  /** Labels whose values the caller gives, in this order. */
  readonly labels: readonly string[];
  /** Labels that every series of the metric carries. */
  readonly fixed?: Readonly<Record<string, string>>;
  /** Label sets kept at most; what comes later is counted with every label `other`. Absent: `DEFAULT_LABEL_SETS`. */
  readonly labelSets?: number;
  readonly buckets?: keyof typeof buckets;
}

/** Room for every collection of both API generations, with some to spare. */
export const DEFAULT_LABEL_SETS = 128;

type Catalogue = typeof istioMetrics & typeof galleyMetrics;

/** The TypeScript name of a metric. */
export type MetricId = keyof Catalogue;

/** A row as literally written: its labels are known to the types. */
export type MetricRow<Id extends MetricId> = Catalogue[Id];

/** Every metric that Galley publishes of itself. The instruments, their types and `docs/metrics.md` come from here. */
export const catalogue: Readonly<Record<MetricId, MetricSpec>> = { ...istioMetrics, ...galleyMetrics };
