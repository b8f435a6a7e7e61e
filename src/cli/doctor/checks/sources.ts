import { type ConfigSource, countConfigSources, MOST_SOURCES, readSelectors } from "../config-sources.ts";
import { type Examined, xdsSources, type XdsSource } from "../examined.ts";
import type { Finding } from "../finding.ts";
import { holds, type Istiod, nameOf } from "../istiod.ts";

/** What follows from the sources taken together. */
export function checkSources(examined: Examined): readonly Finding[] {
  const { document, sources, istiod } = examined;
  const name = nameOf(istiod);
  const count = countConfigSources(document.mesh);
  // What is there but no list, is told as a value that doesn't fit.
  if (count === undefined) return [];
  if (count === 0) return [unset(name)];
  const xds = xdsSources(sources);
  const path = xds[0]?.path.slice(0, 1) ?? sources[0]!.path.slice(0, 1);
  if (xds.length === 0) {
    return [
      {
        id: "no-xds-source",
        severity: "error",
        path,
        message: `None of the config sources is an xds:// address that ${name} can use: it doesn't ask Galley for anything.`,
        remedy: "Add - address: xds://HOST:PORT, the address at which Galley serves xDS.",
      },
    ];
  }
  return [
    ...withoutKubernetes(sources, path, name),
    ...selectors(examined),
    ...order(sources, path),
    ...tooMany(count, path),
    startOrder(xds[0]!, istiod),
  ];
}

function unset(name: string): Finding {
  return {
    id: "config-sources-unset",
    severity: "error",
    path: [],
    message: `The mesh config names no configSources: ${name} reads its cluster, and doesn't ask Galley for anything.`,
    remedy:
      "Set configSources to a list with - address: xds://HOST:PORT for Galley, and - address: k8s:// for the cluster.",
  };
}

function withoutKubernetes(sources: readonly ConfigSource[], path: Finding["path"], name: string): readonly Finding[] {
  if (sources.some(({ address }) => address.kind === "kubernetes")) return [];
  return [
    {
      id: "no-kubernetes-source",
      severity: "warning",
      path,
      message: `Without k8s:// beside xds://, ${name} no longer reads custom resources of its cluster, and runs no controller of the Gateway API, no writer of status, no watcher of revision tags and no registration of workloads.`,
      remedy: "Add - address: k8s:// to configSources, unless Galley is to be the only source.",
    },
  ];
}

function selectors({ document, istiod }: Examined): readonly Finding[] {
  const found = readSelectors(document.mesh);
  if (found === undefined) return [];
  return [
    {
      id: "discovery-selectors-unapplied",
      severity: "warning",
      path: found.path,
      message: `${nameOf(istiod)} doesn't apply discoverySelectors to what comes over xds://: it takes resources of every namespace.`,
      remedy: "Leave out of Galley's configuration what this mesh shall not have.",
    },
  ];
}

function order(sources: readonly ConfigSource[], path: Finding["path"]): readonly Finding[] {
  const used = sources.filter(({ address }) => address.kind !== "unusable");
  if (used.length < 2) return [];
  return [
    {
      id: "source-order",
      severity: "info",
      path,
      message: `Where two sources have a resource of the same kind, namespace and name, the earlier one wins and the other is hidden. The order is ${used.map(({ text }) => text).join(", ")}.`,
      remedy: "",
    },
  ];
}

function startOrder({ text, addressPath }: XdsSource, istiod: Istiod): Finding {
  const isWaiting = holds(istiod, ({ waitsForEveryKind }) => waitsForEveryKind) !== "no";
  const waiting = isWaiting ? " It isn't ready before Galley has answered for every kind." : "";
  return {
    id: "start-order",
    severity: "info",
    path: addressPath,
    message: `${nameOf(istiod)} reads configSources once, at its start, and ends with "MCP: failed running" if nothing answers at ${text} then.${waiting} Later it keeps what it has while Galley is away.`,
    remedy:
      "Start Galley first and keep its address up: beside istiod in its pod, or behind a Service with several replicas.",
  };
}

function tooMany(count: number, path: Finding["path"]): readonly Finding[] {
  if (count <= MOST_SOURCES) return [];
  return [
    {
      id: "too-many-sources",
      severity: "warning",
      path,
      message: `There are ${count} config sources; only the first ${MOST_SOURCES} are examined.`,
      remedy: "Let one Galley serve what several sources would.",
    },
  ];
}
