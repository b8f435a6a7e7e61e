import { cp, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Tally } from "../tally.ts";
import { GalleyProcess } from "../../support/galley-process.ts";
import { gateway, put, writeDocuments } from "./content.ts";
import { istioDocuments } from "./documents.ts";
import { equal, eventually } from "./eventually.ts";
import { oddDocuments, type Verdict } from "./odd-documents.ts";
import { OriginalGalley } from "./original.ts";
import type { IstioPrograms } from "./programs.ts";
import { type Compared, compare } from "./verdicts.ts";

const samples = fileURLToPath(new URL("../../../samples/leafpress", import.meta.url));

/** What Istio's Galley alone serves of Istio's own documents, by decision; README.md gives the reasons. */
const decided: readonly string[] = [
  "original: istio/authentication/v1alpha1/meshpolicies istio-config/default", // is of the cluster, yet has a namespace
  "original: istio/config/v1alpha2/adapters istio-system/", // has no name
  "original: istio/networking/v1alpha3/virtualservices echosrv", // is of another group by its apiVersion
];

/** Has Galley and the one whose place it takes serve the same documents. */
export async function checkVerdicts(programs: IstioPrograms, into: string, tally: Tally): Promise<void> {
  await tally.check("original: serves the samples as we do", async () => {
    const folder = join(into, "verdict-samples");
    await cp(samples, folder, { recursive: true });
    const { same, differences } = await compare(programs, folder);
    equal("what differs", differences, []);
    equal("how many resources are the same", same.length > 25, true);
  });
  await tally.check("original: serves Istio's own documents as we do, but for what is decided", async () => {
    const folder = join(into, "verdict-istio");
    await writeDocuments(folder, await istioDocuments(programs.sources));
    const { same, differences } = await compare(programs, folder);
    equal("what differs", differences, decided);
    equal("how many resources are the same", same.length > 400, true);
  });
  await tally.check("original: judges odd documents as we do, but for what is decided", async () => {
    const folder = join(into, "verdict-odd");
    await writeDocuments(
      folder,
      oddDocuments.map(({ text }) => text),
    );
    const compared = await compare(programs, folder);
    const verdicts = (verdictOf: (document: (typeof oddDocuments)[number]) => Verdict): readonly string[] =>
      oddDocuments.map((document) => `${document.name}: ${verdictOf(document)}`);
    equal(
      "what is made of them",
      verdicts(({ name }) => verdictOn(name, compared)),
      verdicts(({ verdict }) => verdict),
    );
  });
  await tally.check(
    "original: ends over a null in a list of messages, which is no more than refused here",
    async () => {
      const folder = join(into, "verdict-hole");
      await mkdir(folder);
      await put(folder, "hole.yaml", gateway("a", 80).replace("servers:", "servers:\n    - null"));
      await using original = await OriginalGalley.start(programs.galley, folder);
      await using server = await GalleyProcess.start(folder);
      await original.program.ended();
      equal(
        "whether it panicked",
        original.program.lines.some((line) => line.startsWith("panic: ")),
        true,
      );
      await eventually(async () => {
        const problems = await server.problems();
        equal(
          "our problems",
          problems.map(({ subject }) => subject),
          ["Gateway foreign/a"],
        );
      });
    },
  );
}

/** What became of the document whose resource has this name, in whatever collection. */
function verdictOn(name: string, { same, differences }: Compared): Verdict {
  const isMeant = (resource: string): boolean => resource === name || resource.endsWith(`/${name}`);
  if (same.some((resource) => isMeant(resource.split(" ")[1]!))) return "same";
  const found = differences.filter((difference) => isMeant(difference.split(" ")[2]!.replace(/:$/, "")));
  const kinds = new Set(found.map((difference) => difference.split(":")[0] as Verdict));
  if (kinds.size > 1) return "differs";
  return [...kinds][0] ?? "neither";
}
