import { missingFeature, type OptionSpec } from "./option.ts";

// What comes first is what people come for.
const headings = ["Serving", "Sources", "Administration", "Logs", "Settings", "Compatibility"];

/** The options that do something in this release, under their headings; those of no known heading come first. */
export function groupOptions(specs: readonly OptionSpec[]): ReadonlyMap<string, readonly OptionSpec[]> {
  const groups = new Map<string, OptionSpec[]>();
  for (const spec of specs) {
    if (missingFeature(spec) !== undefined) continue;
    const heading = spec.group ?? "Flags";
    const members = groups.get(heading) ?? [];
    members.push(spec);
    groups.set(heading, members);
  }
  return new Map([...groups].sort(([a], [b]) => headings.indexOf(a) - headings.indexOf(b)));
}
