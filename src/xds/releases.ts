import {
  kindsFrom7,
  kindsFrom8,
  kindsFrom10,
  kindsFrom12,
  kindsFrom13,
  kindsFrom24,
  kindsFrom30,
} from "./releases-kinds.ts";

/** What minor releases of Istio 1 have in common as clients of an xDS server that feeds them configuration. */
export interface Release {
  /** For people: `1.8`, `1.14 to 1.23`, `1.30 and later`. */
  readonly name: string;
  /** First and last minor release, both inclusive; without a last one, what comes later is taken to be alike. */
  readonly from: number;
  readonly to: number | undefined;
  /** `mcp`: the protocol that Galley 1.3.6 spoke, and nothing else. `xds`: MCP over xDS. */
  readonly protocol: "mcp" | "xds";
  /** Type URLs that are asked for on every stream, with the API version in them; MeshConfig, asked first, left out. */
  readonly typeUrls: readonly string[];
  /**
   * Whether a request for MeshConfig may be answered. Where it is `never`, an empty answer takes a slot of a channel that
   * nobody reads, and hangs the client (istio#34633). Where it is `allowed`, the answer has no effect.
   */
  readonly meshConfigAnswer: "never" | "allowed";
  /** Largest message that is taken, bytes. */
  readonly maxMessageBytes: number;
  /** Whether what is missing in a full state is deleted. */
  readonly handlesDeletes: boolean;
  /** Responses on a stream that are taken in all, before the client hangs for ever. No limit where it is undefined. */
  readonly mostResponses: number | undefined;
  /** Responses after the start that stay in memory for the life of the process. */
  readonly pinnedResponses: number;
  /** Whether istiod isn't ready before every kind was answered once. */
  readonly waitsForEveryKind: boolean;
  /** Whether a resource of equal version is taken to be unchanged. */
  readonly comparesVersions: boolean;
  /** Whether the node tells ISTIO_REVISION, and resources labelled for another revision are dropped on receipt. */
  readonly sendsRevision: boolean;
  /** Whether a resource that istiod's validation refuses is left out of its store. */
  readonly validates: boolean;
  /** What `tlsSettings` of a config source can do: nothing, or TLS without a client certificate. */
  readonly tls: "none" | "simple";
  /** What becomes of WasmPlugins: not asked for; read; or asked for, stored and read by nobody. */
  readonly wasmPlugin: "not-asked" | "read" | "unread";
  /** What else a person should know: predicates that follow the name of the release. */
  readonly notes: readonly string[];
}

const MIB = 1024 * 1024;

/** What gRPC in Go takes unless told otherwise. */
const SMALL_MESSAGES = 4 * MIB;
const LARGE_MESSAGES = 2 ** 31 - 1;

const firstXds: Omit<Release, "name" | "from" | "to" | "typeUrls"> = {
  protocol: "xds",
  meshConfigAnswer: "never",
  maxMessageBytes: SMALL_MESSAGES,
  handlesDeletes: false,
  mostResponses: undefined,
  pinnedResponses: 0,
  waitsForEveryKind: false,
  comparesVersions: false,
  sendsRevision: false,
  validates: false,
  tls: "none",
  wasmPlugin: "not-asked",
  notes: [],
};
const deleting: typeof firstXds = { ...firstXds, handlesDeletes: true };
const gated: typeof firstXds = {
  ...deleting,
  meshConfigAnswer: "allowed",
  maxMessageBytes: LARGE_MESSAGES,
  pinnedResponses: 100,
  waitsForEveryKind: true,
  comparesVersions: true,
  wasmPlugin: "read",
};
const revisioned: typeof firstXds = { ...gated, sendsRevision: true };
const validating: typeof firstXds = { ...revisioned, validates: true };
const secured: typeof firstXds = { ...validating, tls: "simple" };

const meshConfigNote = "hangs at an empty answer to its request for MeshConfig, so it must not be given one";

/** Every release of Istio 1, oldest first, each in exactly one row. */
export const releases: readonly Release[] = [
  {
    ...firstXds,
    ...row(0, 6, []),
    protocol: "mcp",
    // A client of MCP proper, which none of the quirks of its successor concerns.
    meshConfigAnswer: "allowed",
    handlesDeletes: true,
    notes: ["speaks MCP itself, as Galley 1.3.6 did, and knows no xds:// address"],
  },
  {
    ...firstXds,
    ...row(7, 7, kindsFrom7),
    notes: ["is the first with xds:// addresses, and still asks for four kinds of Mixer's clients"],
  },
  { ...firstXds, ...row(8, 8, kindsFrom8), mostResponses: 11 },
  { ...deleting, ...row(9, 9, kindsFrom8), notes: [meshConfigNote] },
  { ...deleting, ...row(10, 11, kindsFrom10), notes: [meshConfigNote] },
  { ...gated, ...row(12, 12, kindsFrom12) },
  { ...revisioned, ...row(13, 13, kindsFrom13) },
  { ...validating, ...row(14, 23, kindsFrom13) },
  { ...validating, ...row(24, 25, kindsFrom24) },
  { ...secured, ...row(26, 29, kindsFrom24) },
  { ...secured, ...row(30, undefined, kindsFrom30), wasmPlugin: "unread" },
];

function row(
  from: number,
  to: number | undefined,
  typeUrls: readonly string[],
): Pick<Release, "name" | "from" | "to" | "typeUrls"> {
  return { name: nameOf(from, to), from, to, typeUrls };
}

function nameOf(from: number, to: number | undefined): string {
  if (to === undefined) return `1.${from} and later`;
  if (from === 0) return `1.${to} and earlier`;
  return from === to ? `1.${from}` : `1.${from} to 1.${to}`;
}

/** The row of a minor release of Istio 1. @param minor a whole number of at least 0 */
export function releaseOf(minor: number): Release {
  return releases.find(({ to }) => to === undefined || minor <= to)!;
}
