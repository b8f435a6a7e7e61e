import { GalleyError } from "../../lib/errors.ts";
import { istioCollections } from "../../model/registry.ts";
import type { CommandContext } from "../command/command.ts";
import { exitStatus, printProblems } from "../errors/print.ts";
import { writeValue } from "../status/entries.ts";
import { Fields } from "../status/fields.ts";
import { dataWriter } from "../status/view.ts";
import { colours } from "../terminal/colours.ts";
import { textWidth } from "../terminal/io.ts";
import type { Configuration } from "./configuration.ts";
import { readConfigSources } from "./config-sources.ts";
import { tryConnections } from "./connect.ts";
import { type Diagnosis, diagnosesJson, diagnosisOf } from "./diagnosis.ts";
import { examine } from "./examine.ts";
import { findMeshes } from "./find-meshes.ts";
import { type Istiod, istiodOf, minorOf } from "./istiod.ts";
import type { MeshDocument } from "./mesh-document.ts";
import type { doctorOutline } from "./outline.ts";
import { readFolder } from "./read-folder.ts";
import { readGalley } from "./read-galley.ts";
import { parseIstiod, readIstiod } from "./read-istiod.ts";
import { inputName, readText } from "./read-text.ts";
import { formatReport } from "./report.ts";

type DoctorContext = CommandContext<typeof doctorOutline.options>;
type DoctorValues = DoctorContext["settings"]["values"];

/** The exit status when there is nothing to tell, good or bad. */
const NOT_EXAMINED = 2;

/** Examines what the command line names, and tells what was found. */
export async function runDoctor(context: DoctorContext): Promise<number> {
  const { settings, positionals, io, env } = context;
  const { values } = settings;
  checkCall(values, positionals[0]);
  let diagnoses: readonly Diagnosis[];
  try {
    diagnoses = await diagnose(values, positionals[0]);
  } catch (error) {
    if (!GalleyError.is(error)) throw error;
    const status = printProblems([error], io, env);
    return status === exitStatus.failed ? NOT_EXAMINED : status;
  }
  if (values.output === "text") {
    io.stdout.write(formatReport(diagnoses, { paint: colours(io.stdout, env), width: textWidth(io.stdout) }));
  } else writeValue(dataWriter(io.stdout), values.output, new Fields(diagnosesJson(diagnoses)));
  const failing = values.strict ? ["error", "warning"] : ["error"];
  const isFailing = diagnoses.some(({ findings }) => findings.some(({ severity }) => failing.includes(severity)));
  return isFailing ? exitStatus.failed : exitStatus.ok;
}

/** Throws `GalleyError` for a command line that can't be meant. */
function checkCall({ istiod, istioVersion, configPath, admin, timeout }: DoctorValues, file: string | undefined): void {
  if (file === undefined && istiod === "") {
    throw new GalleyError("GLY_ARGUMENT", "galley doctor needs a FILE with a mesh config, or --istiod", {
      hint: "kubectl -n istio-system get configmap istio -o yaml | galley doctor -",
    });
  }
  if (file !== undefined && istiod !== "") {
    throw new GalleyError("GLY_ARGUMENT", "galley doctor examines a FILE or the mesh config of --istiod, not both");
  }
  if (istioVersion !== "" && minorOf(istioVersion) === undefined) {
    throw new GalleyError("GLY_VALUE", `--istio-version=${istioVersion}: expected a version of Istio 1, such as 1.25`);
  }
  if (configPath !== "" && admin !== "") {
    throw new GalleyError("GLY_ARGUMENT", "--config-path and --admin both say what is served: give one of them");
  }
  if (timeout <= 0) throw new GalleyError("GLY_VALUE", "--timeout must be longer than nothing");
}

async function diagnose(values: DoctorValues, file: string | undefined): Promise<readonly Diagnosis[]> {
  const registry = istioCollections();
  const documents =
    file === undefined
      ? [await readIstiod(parseIstiod(values.istiod), values.timeout)]
      : findMeshes(inputName(file), await readText(file));
  let configuration: Configuration | undefined;
  if (values.configPath !== "") configuration = await readFolder(values.configPath, registry);
  else if (values.admin !== "") configuration = await readGalley(values.admin, registry);
  const diagnoses: Diagnosis[] = [];
  for (const document of documents) {
    const sources = readConfigSources(document.mesh);
    const examined = { document, sources, istiod: istiodFor(document, values), registry, configuration };
    const tried = values.connect ? await tryConnections(examined, { timeoutMs: values.timeout }) : [];
    diagnoses.push(diagnosisOf(examined, [...examine(examined), ...tried]));
  }
  return diagnoses;
}

/** What the command line says of the istiod, and otherwise what stands around its mesh config. */
function istiodFor(document: MeshDocument, { istioVersion, revision }: DoctorValues): Istiod {
  const named = revision === "" ? document.revision : revision;
  if (istioVersion !== "") return istiodOf(istioVersion, "--istio-version", named);
  return istiodOf(document.version?.text ?? "", document.version?.toldBy ?? "", named);
}
