import { releases } from "../../../xds/releases.ts";
import { collectionOf, type Configuration, isFedToIstiod, type KindSize, type Sample } from "../configuration.ts";
import { type Examined, xdsSources } from "../examined.ts";
import type { Finding } from "../finding.ts";
import { holds, nameOf } from "../istiod.ts";

const MOST_NAMED = 5;

/** What of the configuration wouldn't reach this istiod. */
export function checkResources(examined: Examined): readonly Finding[] {
  const { configuration, sources, istiod } = examined;
  if (configuration === undefined || xdsSources(sources).length === 0 || istiod.release?.protocol === "mcp") return [];
  return [
    ...kindsNotAsked(examined, configuration),
    ...wasmPlugins(examined, configuration),
    ...revisions(examined, configuration),
    ...[...configuration.heldBack.values()].flatMap((sample) =>
      some(sample, {
        id: "held-back",
        severity: "warning",
        message: "Galley holds back what istiod would drop without a word",
        remedy: "Correct it, unless it is for other sinks alone.",
      }),
    ),
    ...some(configuration.errors, {
      id: "configuration-errors",
      severity: "warning",
      message: `${configuration.from} has errors, and what they are about isn't served as written`,
      remedy: "Correct them; galley status problems lists those of a running server.",
    }),
  ];
}

function some(sample: Sample, finding: Omit<Finding, "path">): readonly Finding[] {
  if (sample.count === 0) return [];
  const which = sample.count === 1 ? sample.example : `${sample.count} of them, such as ${sample.example}`;
  return [{ ...finding, path: [], message: `${finding.message}: ${which}.` }];
}

function kindsNotAsked({ istiod, registry }: Examined, { kinds, from }: Configuration): readonly Finding[] {
  const rows = istiod.release === undefined ? releases : [istiod.release];
  const asked = new Set(rows.flatMap(({ typeUrls }) => typeUrls.map((url) => collectionOf(url, registry))));
  const [taken, left]: [KindSize[], KindSize[]] = [[], []];
  for (const kind of kinds) {
    if (kind.spec.kind === "" || kind.spec.generated) continue;
    (isFedToIstiod(kind.spec) && asked.has(kind.spec) ? taken : left).push(kind);
  }
  const findings: Finding[] = [];
  if (left.length > 0) {
    findings.push({
      id: "kinds-not-asked",
      severity: "warning",
      path: [],
      message: `${nameOf(istiod)} never asks for ${listOf(left)}: these resources have no effect in it.`,
      remedy: "Replace them by kinds of today; for other sinks of Galley they may stay.",
    });
  }
  if (taken.length === 0) {
    findings.push({
      id: "nothing-to-serve",
      severity: "warning",
      path: [],
      message: `${from} holds nothing that ${nameOf(istiod)} asks for: its answers would be empty.`,
      remedy: "Check that it is the right configuration.",
    });
  }
  return findings;
}

function listOf(kinds: readonly KindSize[]): string {
  const named = kinds.slice(0, MOST_NAMED).map(({ spec, count }) => `${spec.kind} (${count})`);
  const rest = kinds.length - named.length;
  return rest > 0 ? `${named.join(", ")} and ${rest} more kinds` : named.join(", ");
}

function wasmPlugins({ istiod }: Examined, { kinds }: Configuration): readonly Finding[] {
  const plugins = kinds.find(({ spec }) => spec.kind === "WasmPlugin");
  const isUnread = holds(istiod, ({ wasmPlugin }) => wasmPlugin === "unread");
  if (plugins === undefined || isUnread === "no") return [];
  return [
    {
      id: "wasm-plugins-unread",
      severity: "info",
      path: [],
      message: `istiod 1.30 and later reads WasmPlugins of its cluster alone, and takes TrafficExtensions over xds://. Galley serves each WasmPlugin, of which there ${plugins.count === 1 ? "is 1" : `are ${plugins.count}`}, as a TrafficExtension too; other servers don't.`,
      remedy: "",
    },
  ];
}

function revisions({ istiod }: Examined, { revisions: labelled }: Configuration): readonly Finding[] {
  if (labelled === undefined || labelled.size === 0) return [];
  if (holds(istiod, ({ sendsRevision }) => sendsRevision) === "no" || istiod.revision === "") return [];
  const { revision } = istiod;
  const others = [...labelled].filter(([label]) => label !== revision);
  if (others.length === 0) return [];
  const count = others.reduce((sum, [, sample]) => sum + sample.count, 0);
  const [label, { example }] = others[0]!;
  const who = `${count} resource${count === 1 ? "" : "s"}, such as ${example} for ${JSON.stringify(label)}`;
  if (revision === undefined) {
    return [
      {
        id: "revision-filter",
        severity: "info",
        path: [],
        message: `istiod drops resources with a label istio.io/rev other than its own revision, tags included. ${who}, have one.`,
        remedy: "Give the revision with --revision to see which are dropped.",
      },
    ];
  }
  return [
    {
      id: "revision-mismatch",
      severity: "warning",
      path: [],
      message: `${nameOf(istiod)} is of the revision ${JSON.stringify(revision)} and drops ${who}. It doesn't resolve revision tags.`,
      remedy: "Correct or remove the label istio.io/rev, unless they are meant for another istiod.",
    },
  ];
}
