import { type Examined, xdsSources } from "../examined.ts";
import type { Finding } from "../finding.ts";
import { holds, nameOf } from "../istiod.ts";

const unknown: Finding = {
  id: "release-unknown",
  severity: "info",
  path: [],
  message: "Nothing tells which release of istiod this is for.",
  remedy: "Give it with --istio-version, such as --istio-version=1.25.",
};

/** What comes with the release of istiod, whatever the mesh config says but that it names Galley. */
export function checkRelease(examined: Examined): readonly Finding[] {
  const { istiod, sources } = examined;
  const [source] = xdsSources(sources);
  if (source === undefined) return [];
  const path = source.addressPath;
  const name = nameOf(istiod);
  if (istiod.release === undefined) return [unknown, ...revisionNote(examined)];
  const findings: Finding[] = [];
  const addError = (id: Finding["id"], message: string, remedy: string): void => {
    findings.push({ id, severity: "error", path, message, remedy });
  };
  const { protocol, handlesDeletes, mostResponses } = istiod.release;
  if (protocol === "mcp") {
    addError(
      "release-without-xds",
      `${name} knows no xds:// address: it speaks MCP itself, as Galley 1.3.6 did.`,
      "Give the address of Galley's MCP port without a scheme, as HOST:PORT, or use a later release.",
    );
  }
  if (!handlesDeletes) {
    addError(
      "deletes-ignored",
      `${name} keeps what Galley no longer serves: nothing is ever deleted before it starts anew.`,
      "Use istiod 1.9 or later.",
    );
  }
  if (mostResponses !== undefined) {
    addError(
      "responses-limited",
      `${name} takes ${mostResponses} responses and hangs for ever at the next one: it hardly gets past its first answers.`,
      "Use istiod 1.9 or later.",
    );
  }
  const notes = protocol === "mcp" ? [] : istiod.release.notes;
  for (const note of notes) {
    findings.push({ id: "release-notes", severity: "info", path: [], message: `${name} ${note}.`, remedy: "" });
  }
  return [...findings, ...revisionNote(examined)];
}

/** Where labels are known, the check of resources tells more. */
function revisionNote({ istiod, configuration }: Examined): readonly Finding[] {
  const isFiltering = holds(istiod, ({ sendsRevision }) => sendsRevision);
  if (isFiltering === "no" || istiod.revision === undefined || configuration?.revisions !== undefined) return [];
  const who = isFiltering === "yes" ? nameOf(istiod) : "istiod of 1.13 or later";
  return [
    {
      id: "revision-filter",
      severity: "info",
      path: [],
      message: `${who} drops resources with a label istio.io/rev other than its own revision, ${JSON.stringify(istiod.revision)}. It doesn't resolve revision tags.`,
      remedy: "Give --config-path to see which resources that concerns.",
    },
  ];
}
