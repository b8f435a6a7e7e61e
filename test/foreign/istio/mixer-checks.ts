import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { GalleyProcess } from "../../support/galley-process.ts";
import type { Tally } from "../tally.ts";
import { put } from "./content.ts";
import { equal } from "./eventually.ts";
import { Mixer } from "./mixer.ts";
import type { IstioPrograms } from "./programs.ts";

/** Rules of Mixer's, each of which turns away whom it is named after, with a word. */
export function denial(word: string, ...whom: readonly string[]): string {
  const rules = whom.map(
    (name) => `---
apiVersion: config.istio.io/v1alpha2
kind: rule
metadata: { name: ${name}, namespace: istio-system }
spec:
  match: source.name == "${name}"
  actions: [{ handler: doorman, instances: [anybody] }]
`,
  );
  return `
apiVersion: config.istio.io/v1alpha2
kind: attributemanifest
metadata: { name: foreign, namespace: istio-system }
spec:
  attributes:
    source.name: { valueType: STRING }
---
apiVersion: config.istio.io/v1alpha2
kind: handler
metadata: { name: doorman, namespace: istio-system }
spec:
  compiledAdapter: denier
  params: { status: { code: 7, message: ${word} }, validDuration: 5s }
---
apiVersion: config.istio.io/v1alpha2
kind: instance
metadata: { name: anybody, namespace: istio-system }
spec: { compiledTemplate: checknothing }
${rules.join("")}`;
}

/** Has Istio's Mixer read rules from a server of its own, and asks it what it makes of them. */
export async function checkMixer(programs: IstioPrograms, into: string, tally: Tally): Promise<void> {
  const folder = join(into, "mixer-config");
  await mkdir(folder);
  await put(folder, "denial.yaml", denial("closed", "stranger", "foe"));
  await using server = await GalleyProcess.start(folder);
  await using mixer = await Mixer.start(programs, `mcp://${server.address}`);

  await tally.check("mixer: takes handlers, instances and rules, and acts on them", async () => {
    await mixer.comesToSay("stranger", "PERMISSION_DENIED (doorman.istio-system:closed)");
    equal("what Mixer says of a friend", await mixer.verdict("friend"), "OK");
    equal("what Mixer counts", await mixer.counts(), { handlers: 1, instances: 1, rules: 2, errors: 0 });
  });
  await tally.check("mixer: acts on what changed", async () => {
    await put(folder, "denial.yaml", denial("private", "stranger", "foe"));
    await mixer.comesToSay("stranger", "PERMISSION_DENIED (doorman.istio-system:private)");
  });
  // Not the last of its kind: Mixer does not notice that a collection has become empty.
  await tally.check("mixer: forgets a rule that is deleted", async () => {
    await put(folder, "denial.yaml", denial("private", "foe"));
    await mixer.comesToSay("stranger", "OK");
    await mixer.comesToSay("foe", "PERMISSION_DENIED (doorman.istio-system:private)");
  });
}
