import { GalleyProcess } from "../../support/galley-process.ts";
import { equal, eventually } from "./eventually.ts";
import { Mcpc, type McpcResource } from "./mcpc.ts";
import { OriginalGalley } from "./original.ts";
import type { IstioPrograms } from "./programs.ts";

/** What both servers serve of one folder. */
export interface Compared {
  /** Resources that are the same but for their versions, as `COLLECTION NAME`. */
  readonly same: readonly string[];
  /** What differs: `original: COLLECTION NAME` is served by Istio's Galley alone, `ours:` by Galley alone, `differs:` by both. */
  readonly differences: readonly string[];
}

/** What is asked for: the collections that Istio 1.3 has. */
const everything = ["-use-wkt-pilot", "-use-wkt-mixer", "-collections", "istio/mesh/v1alpha1/MeshConfig"];

const EVERYTHING_COUNT = 53;

/** Has both servers read a folder, and mcpc tell what each of them serves, decoded with Istio's own types. */
export async function compare(programs: IstioPrograms, folder: string): Promise<Compared> {
  await using original = await OriginalGalley.start(programs.galley, folder);
  await using ours = await GalleyProcess.start(folder, `--mesh-config-file=${folder}.mesh.yaml`);
  await ours.ready();
  const [theirs, own] = await Promise.all([content(programs, original.address), content(programs, ours.address)]);
  const differences: string[] = [];
  for (const [name, text] of theirs) {
    if (!own.has(name)) differences.push(`original: ${name}`);
    else if (own.get(name) !== text) differences.push(`differs: ${name}: ${firstDifference(text, own.get(name)!)}`);
  }
  for (const name of own.keys()) if (!theirs.has(name)) differences.push(`ours: ${name}`);
  return {
    same: [...theirs].filter(([name, text]) => own.get(name) === text).map(([name]) => name),
    differences: differences.sort(),
  };
}

/** Everything that a server serves, by `COLLECTION NAME`. */
async function content(programs: IstioPrograms, address: string): Promise<ReadonlyMap<string, string>> {
  await using mcpc = new Mcpc(programs.mcpc, address, ...everything);
  const arrived = await eventually(() => {
    const collections = mcpc.arrived();
    equal("the number of collections", collections.size, EVERYTHING_COUNT);
    return collections;
  });
  const all = [...arrived].flatMap(([collection, resources]) =>
    [...resources].map(([name, resource]) => [`${collection} ${name}`, withoutVersion(resource)] as const),
  );
  return new Map(all);
}

/** Versions are each server's own. */
function withoutVersion({ TypeURL, Metadata, Body }: McpcResource): string {
  return JSON.stringify({ TypeURL, Metadata: { ...Metadata, version: "" }, Body });
}

/** Where two texts part, with a few characters of both. */
function firstDifference(a: string, b: string): string {
  let at = 0;
  while (a[at] === b[at]) at++;
  const around = (text: string): string => text.slice(Math.max(0, at - 20), at + 30);
  return `${around(a)} / ${around(b)}`;
}
