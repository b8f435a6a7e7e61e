import type { Collection } from "../../../src/model/names.ts";
import { modern, published } from "../pool.ts";

/** What a type URL stands for, by the specification. */
export interface Kind {
  /** Where the resources come from, in order of precedence; none for a URL that nothing is known of. */
  readonly collections: readonly Collection[];
  /** The type URLs under which clients ask for it. */
  readonly urls: readonly string[];
  /** Lower ones go first. */
  readonly rank: number;
}

const [gateways, sidecars, entries] = published as readonly [Collection, Collection, Collection];
export const plugins: Collection = modern[0]!;
export const extensions: Collection = modern[1]!;

const versions = ["v1", "v1beta1", "v1alpha3"];

function networking(kind: string): string[] {
  return versions.map((version) => `networking.istio.io/${version}/${kind}`);
}

const kinds: readonly Kind[] = [
  { collections: [gateways], urls: networking("Gateway"), rank: 2 },
  { collections: [sidecars], urls: networking("Sidecar"), rank: 3 },
  { collections: [entries], urls: networking("ServiceEntry"), rank: 1 },
  { collections: [plugins], urls: ["extensions.istio.io/v1alpha1/WasmPlugin"], rank: 3 },
  // WasmPlugins are TrafficExtensions, too.
  { collections: [extensions, plugins], urls: ["extensions.istio.io/v1alpha1/TrafficExtension"], rank: 3 },
  {
    collections: [],
    urls: ["networking.istio.io/v1/Nothing", "type.googleapis.com/envoy.config.cluster.v3.Cluster", "one-word"],
    rank: 4,
  },
];

export const served: readonly Kind[] = kinds.filter(({ collections }) => collections.length > 0);
export const unknown: Kind = kinds.at(-1)!;

const byUrl = new Map(kinds.flatMap((kind) => kind.urls.map((url) => [url, kind] as const)));

/** @throws Error for a URL that no client asks for */
export function kindOf(url: string): Kind {
  const kind = byUrl.get(url);
  if (kind === undefined) throw new Error(`nobody asks for ${url}`);
  return kind;
}
