import { istioCollections } from "../../../model/registry.ts";
import type { Configuration } from "../configuration.ts";
import { noSample } from "../configuration.ts";
import { readConfigSources } from "../config-sources.ts";
import { type Diagnosis, diagnosisOf } from "../diagnosis.ts";
import { examine } from "../examine.ts";
import { findMeshes } from "../find-meshes.ts";
import { istiodOf } from "../istiod.ts";
import type { MeshDocument } from "../mesh-document.ts";

/** What is known beside the mesh config. */
export interface Around {
  readonly version?: string;
  readonly revision?: string;
  readonly configuration?: Partial<Configuration>;
  /** Whether the mesh config is that of a running istiod. */
  readonly isLive?: boolean;
}

export const registry: ReturnType<typeof istioCollections> = istioCollections();

/** Resources of some kinds, each given as its number and the size of its response. */
export function holding(
  kinds: Readonly<Record<string, readonly [count: number, bytes: number]>>,
  more: Partial<Configuration> = {},
): Configuration {
  const sizes = Object.entries(kinds).map(([kind, [count, bytes]]) => {
    const spec = registry.all.find((one) => one.kind === kind && !one.generated);
    if (spec === undefined) throw new Error(`there is no kind ${kind}`);
    return { spec, count, bytes };
  });
  return {
    from: "./config",
    isEstimate: false,
    kinds: sizes,
    revisions: new Map(),
    heldBack: new Map(),
    errors: noSample,
    ...more,
  };
}

/** Examines the first mesh config of a text, without connecting to anything. */
export function examineText(text: string, around: Around = {}): Diagnosis {
  const [found] = findMeshes("mesh.yaml", text);
  const document: MeshDocument = around.isLive === true ? { ...found!, isWritten: false } : found!;
  const examined = {
    document,
    sources: readConfigSources(document.mesh),
    istiod: istiodOf(around.version ?? "", "--istio-version", around.revision ?? document.revision),
    registry,
    configuration: around.configuration === undefined ? undefined : holding({}, around.configuration),
  };
  return diagnosisOf(examined, examine(examined));
}
