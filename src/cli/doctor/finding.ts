import type { YamlPath } from "../../lib/yaml/locate.ts";
import type { Severity } from "../../model/problem.ts";
import type { FindingId } from "./finding-ids.ts";

/** Something that would go wrong, or that is worth knowing, with an istiod that runs with what was examined. */
export interface Finding {
  readonly id: FindingId;
  /** `error`: Galley's configuration won't arrive, or not as it is meant. `warning`: it may. `info`: worth knowing. */
  readonly severity: Severity;
  /** The value in the mesh config that it is about, with keys as they are written; empty for the whole. */
  readonly path: YamlPath;
  /** What would happen. */
  readonly message: string;
  /** What to do; empty where there is nothing to be done. */
  readonly remedy: string;
}
