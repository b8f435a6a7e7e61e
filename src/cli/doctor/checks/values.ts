import { encodeBody } from "../../../wire/encode-body.ts";
import type { Examined } from "../examined.ts";
import type { Finding } from "../finding.ts";
import { meantField } from "../looks-like-mesh.ts";

const spec = { message: "istio.mesh.v1alpha1.MeshConfig", generations: ["current"] } as const;

/** Values that don't fit their fields, and fields that don't exist where it matters. */
export function checkValues({ document }: Examined): readonly Finding[] {
  if (!document.isWritten) return [];
  return encodeBody(spec, document.mesh).issues.flatMap(({ severity, code, path, message }): Finding[] => {
    const [field] = path;
    const isOfSources = field === "configSources" || field === "config_sources";
    if (severity === "error") {
      return [
        {
          id: "invalid-value",
          // The API of today need not be that of the release in question.
          severity: isOfSources ? "error" : "warning",
          path,
          message: `${message}. An istiod that can't read its mesh config works with another: that of before, or the defaults.`,
          remedy: "Correct the value.",
        },
      ];
    }
    // Other fields come and go with releases, and don't matter here.
    if (code !== "unknown-field" || !(isOfSources || isSlip(path))) return [];
    return [
      {
        id: "unknown-field",
        severity: "warning",
        path,
        message: `${message}. istiod passes over fields that it doesn't know, without a word.`,
        remedy: "Correct its name.",
      },
    ];
  });
}

function isSlip(path: readonly (string | number)[]): boolean {
  return path.length === 1 && typeof path[0] === "string" && meantField(path[0]) !== undefined;
}
