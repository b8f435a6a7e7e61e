import { formatPlace, type Place, type Severity } from "../../model/problem.ts";
import { formatPath } from "../../wire/issue.ts";
import type { Colours } from "../terminal/colours.ts";
import { escapeControls } from "../terminal/escape.ts";
import { displayWidth } from "../terminal/width.ts";
import { wrapIndented } from "../terminal/wrap.ts";
import { count } from "../status/view.ts";
import type { Diagnosis, PlacedFinding } from "./diagnosis.ts";

/** How a report is laid out. */
export interface ReportStyle {
  readonly paint: Colours;
  /** Cells of a line. */
  readonly width: number;
}

const headings: readonly (readonly [severity: Severity, heading: string])[] = [
  ["error", "Errors"],
  ["warning", "Warnings"],
  ["info", "Good to know"],
];

const BODY_INDENT = 6;

/** What was found, for people: a part for each mesh config, and a line that sums it up. */
export function formatReport(diagnoses: readonly Diagnosis[], style: ReportStyle): string {
  const parts = diagnoses.map((diagnosis) => formatDiagnosis(diagnosis, style));
  return `${[...parts, summary(diagnoses, style)].join("\n\n")}\n`;
}

function formatDiagnosis(diagnosis: Diagnosis, style: ReportStyle): string {
  const groups = headings.flatMap(([severity, heading]) => {
    const some = diagnosis.findings.filter((finding) => finding.severity === severity);
    return some.length === 0 ? [] : [formatGroup(severity, heading, some, style)];
  });
  return [formatHead(diagnosis, style), ...groups].join("\n\n");
}

/** What was examined. */
function formatHead({ document, istiod, configuration }: Diagnosis, { paint, width }: ReportStyle): string {
  const file = document.file;
  const { release, version, toldBy, revision } = istiod;
  const told = [
    version === "" ? "of a release that isn't known" : `${version}, as ${toldBy} says`,
    ...(revision === undefined ? [] : [`revision ${revision}`]),
    ...(release === undefined || release.protocol === "mcp"
      ? []
      : [`asks for ${release.typeUrls.length} kinds over xDS`]),
  ];
  const rows = [
    ["mesh config", `${document.what}${file === undefined ? "" : ` in ${file}`}`],
    ["istiod", told.join("; ")],
    ...(configuration === undefined ? [] : [["configuration", configurationWords(configuration)]]),
  ];
  const label = Math.max(...rows.map(([name = ""]) => name.length)) + 2;
  return rows
    .map(([name = "", text = ""]) => {
      const [first = "", ...rest] = wrapIndented(escapeControls(text), width, label);
      return [paint.bold(name) + first.slice(name.length), ...rest].join("\n");
    })
    .join("\n");
}

function configurationWords({ from, kinds }: NonNullable<Diagnosis["configuration"]>): string {
  const resources = kinds.reduce((sum, kind) => sum + kind.count, 0);
  return `${from}: ${count(resources, "resource")} of ${count(kinds.length, "kind")}`;
}

function formatGroup(
  severity: Severity,
  heading: string,
  findings: readonly PlacedFinding[],
  { paint, width }: ReportStyle,
): string {
  const colour = (text: string): string => {
    if (severity === "error") return paint.red(text);
    return severity === "warning" ? paint.yellow(text) : paint.cyan(text);
  };
  const column = findings.reduce((most, { id }) => Math.max(most, displayWidth(id)), 0);
  const entries = findings.map((finding) => {
    const { id, path, place, message, remedy } = finding;
    const where = placeWords(path, place);
    const head = `  ${colour(id)}${" ".repeat(column - id.length)}  ${paint.dim(escapeControls(where))}`.trimEnd();
    const advice = remedy === "" ? [] : wrapIndented(escapeControls(remedy), width, BODY_INDENT + 2);
    return [
      where === "" ? `  ${colour(id)}` : head,
      ...wrapIndented(escapeControls(message), width, BODY_INDENT),
      ...advice.map((line, i) => (i === 0 ? `${" ".repeat(BODY_INDENT)}→${line.slice(BODY_INDENT + 1)}` : line)),
    ].join("\n");
  });
  return [paint.bold(`${heading} (${findings.length})`), ...entries].join("\n");
}

function placeWords(path: PlacedFinding["path"], place: Place | undefined): string {
  if (path.length === 0) return "";
  return place === undefined ? formatPath(path) : `${formatPath(path)}  ${formatPlace(place)}`;
}

function summary(diagnoses: readonly Diagnosis[], { paint, width }: ReportStyle): string {
  const findings = diagnoses.flatMap((diagnosis) => diagnosis.findings);
  const number = (severity: Severity): number => findings.filter((finding) => finding.severity === severity).length;
  const [errors, warnings, notes] = [number("error"), number("warning"), number("info")];
  const told = [
    errors === 0 ? "" : paint.red(count(errors, "error")),
    warnings === 0 ? "" : paint.yellow(count(warnings, "warning")),
    notes === 0 ? "" : count(notes, "note"),
  ].filter((part) => part !== "");
  if (errors + warnings > 0) return `${told.join(", ")}.`;
  const well = paint.green("Nothing is wrong that can be seen from here.");
  const next =
    "Next: start galley server with --xds-address, then start istiod anew, and see with galley status sinks that it has everything.";
  return [well, ...wrapIndented(next, width, 0)].join("\n");
}
