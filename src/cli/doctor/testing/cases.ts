import type { Configuration } from "../configuration.ts";
import type { FindingId } from "../finding-ids.ts";
import { type Around, holding } from "./examine-text.ts";

// What the examples of findings are made of.

/** A mesh config, and what is known beside it. */
type Case = readonly [text: string, around?: Around];

/** What has a finding, and what is nearly the same and hasn't. */
export interface Row {
  readonly has: readonly Case[];
  readonly hasNot: readonly Case[];
}

export type Rows = Readonly<Partial<Record<FindingId, Row>>>;

/** A mesh config with these addresses, in flow style; what follows an address belongs to its source. */
export function sources(...entries: readonly string[]): string {
  return `configSources:\n${entries.map((entry) => `- address: ${entry}\n`).join("")}`;
}

/** The source of a Galley beside istiod, and the cluster's: nothing is wrong with these. */
export const well: string = sources("xds://127.0.0.1:15010", "k8s://");

/** A Galley elsewhere with these TLS settings, and the cluster. */
export function tls(settings: string): string {
  return sources(`xds://galley:15010\n  tlsSettings: {${settings}}`, "k8s://");
}

/** Bytes. */
export const MIB: number = 1024 * 1024;

/** Ten Gateways that take so many bytes. */
export function gateways(bytes: number): Configuration {
  return holding({ Gateway: [10, bytes] });
}
