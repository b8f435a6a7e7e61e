import { readFileSync } from "node:fs";
import { codeRoot, packageFile } from "../../lib/program.ts";

/** What is known of the build, under the names that Galley 1.3.6 gives it; what isn't known is `unknown`. */
export interface BuildInfo {
  readonly version: string;
  readonly revision: string;
  readonly user: string;
  readonly host: string;
  /** A build has no Go version; the key is kept for those who read it. */
  readonly golang_version: string;
  readonly hub: string;
  /** Whether the tree was as committed: `Clean` or `Modified`. */
  readonly status: string;
  readonly tag: string;
}

const keys = ["version", "revision", "user", "host", "golang_version", "hub", "status", "tag"] as const;

const buildInfoFile = new URL("build-info.json", codeRoot);

/** The build that runs: of the file that the build leaves beside the code, and of the package for its version. */
export function readBuildInfo(build: URL = buildInfoFile, manifest: URL = packageFile): BuildInfo {
  const facts = { ...pick(readJson(manifest), ["version"]), ...pick(readJson(build), keys) };
  return Object.fromEntries(keys.map((key) => [key, facts[key] ?? "unknown"])) as unknown as BuildInfo;
}

function pick(value: unknown, names: readonly string[]): Readonly<Record<string, string>> {
  if (typeof value !== "object" || value === null) return {};
  const facts = Object.entries(value).filter(
    ([name, fact]) => names.includes(name) && typeof fact === "string" && fact !== "",
  );
  return Object.fromEntries(facts);
}

/** A program that runs from its sources has no such file, and a version that isn't known must not stop anything. */
function readJson(file: URL): unknown {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return undefined;
  }
}
