import { formatPath } from "../../wire/issue.ts";
import type { Place, Severity } from "../../model/problem.ts";
import type { Examined } from "./examined.ts";
import type { Finding } from "./finding.ts";

/** A finding with the place in a file of what it is about, where there is one. */
export interface PlacedFinding extends Finding {
  readonly place: Place | undefined;
}

/** One mesh config with all that was found. */
export interface Diagnosis extends Examined {
  readonly findings: readonly PlacedFinding[];
}

const rank = { error: 0, warning: 1, info: 2 } as const;

/** Puts findings in order, worst first, and looks up where they are. */
export function diagnosisOf(examined: Examined, findings: readonly Finding[]): Diagnosis {
  const sorted = [...findings].sort((a, b) => rank[a.severity] - rank[b.severity]);
  const places = examined.document.places(sorted.map(({ path }) => path));
  return {
    ...examined,
    // What is about the whole mesh config has no place of its own.
    findings: sorted.map((finding, i) => ({ ...finding, place: finding.path.length === 0 ? undefined : places[i] })),
  };
}

/** The same for programs. Fields without a value are left out. */
export function diagnosesJson(diagnoses: readonly Diagnosis[]): Readonly<Record<string, unknown>> {
  const all = diagnoses.flatMap(({ findings }) => findings);
  const number = (severity: Severity): number => all.filter((finding) => finding.severity === severity).length;
  return {
    counts: { error: number("error"), warning: number("warning"), info: number("info") },
    meshConfigs: diagnoses.map(diagnosisJson),
  };
}

function diagnosisJson({ document, istiod, configuration, findings }: Diagnosis): Readonly<Record<string, unknown>> {
  return {
    what: document.what,
    file: document.file,
    istiod: {
      version: istiod.version === "" ? undefined : istiod.version,
      toldBy: istiod.version === "" ? undefined : istiod.toldBy,
      release: istiod.release?.name,
      revision: istiod.revision,
    },
    configuration: configuration && {
      from: configuration.from,
      isEstimate: configuration.isEstimate,
      kinds: configuration.kinds.map(({ spec, count, bytes }) => ({ collection: spec.name, count, bytes })),
    },
    findings: findings.map(({ id, severity, path, place, message, remedy }) => ({
      id,
      severity,
      path: path.length === 0 ? undefined : formatPath(path),
      file: place?.file,
      line: place?.line,
      column: place?.column,
      message,
      remedy: remedy === "" ? undefined : remedy,
    })),
  };
}
