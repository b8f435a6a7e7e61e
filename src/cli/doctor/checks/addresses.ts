import { shorten } from "../../terminal/escape.ts";
import type { ConfigSource } from "../config-sources.ts";
import { type Examined, isLoopbackHost, xdsSources } from "../examined.ts";
import type { Finding } from "../finding.ts";
import { nameOf } from "../istiod.ts";

/** What istiod makes of the address of each source. */
export function checkAddresses(examined: Examined): readonly Finding[] {
  const { sources } = examined;
  return [
    ...sources.flatMap((source) => checkAddress(source, examined)),
    ...duplicates(sources),
    ...xdsSources(sources)
      .filter(({ address }) => isLoopbackHost(address.host))
      .map(({ text, addressPath }): Finding => ({
        id: "loopback-address",
        severity: "info",
        path: addressPath,
        message: `${text} is an address of istiod's own pod.`,
        remedy: "Run Galley as a container beside istiod, or give the address of a Service.",
      })),
  ];
}

function checkAddress(source: ConfigSource, { istiod }: Examined): readonly Finding[] {
  const { address, addressPath, text } = source;
  if (address.kind === "unusable") {
    const effect = address.isFatal ? "ends at its start" : "passes over this source with a warning in its log";
    return [
      {
        id: address.id,
        severity: "error",
        path: addressPath,
        message: `${nameOf(istiod)} ${effect}: ${address.why}.`,
        remedy: `${upperFirst(address.remedy)}.`,
      },
    ];
  }
  if (address.ignored.length === 0) return [];
  const what = address.ignored.join(" and ");
  const read = address.kind === "files" ? ` The folder that it reads is ${shorten(address.path, 80)}.` : "";
  return [
    {
      id: "address-parts-ignored",
      severity: "warning",
      path: addressPath,
      message: `istiod doesn't look at ${what} in ${text}.${read}`,
      remedy: "Remove it, or write what was meant.",
    },
  ];
}

/** Sources that repeat an earlier one; each is told once. */
function duplicates(sources: readonly ConfigSource[]): readonly Finding[] {
  const firsts = new Map<string, number>();
  return sources.flatMap(({ address, addressPath, text }, index): Finding[] => {
    const key = keyOf(address);
    if (key === undefined) return [];
    const first = firsts.get(key);
    if (first === undefined) {
      firsts.set(key, index);
      return [];
    }
    return [
      {
        id: "duplicate-address",
        severity: "warning",
        path: addressPath,
        message: `${text} is the source of configSources[${first}] again: istiod reads and keeps all of it twice, and the later copy is hidden.`,
        remedy: "Remove one of the two.",
      },
    ];
  });
}

function keyOf(address: ConfigSource["address"]): string | undefined {
  switch (address.kind) {
    case "xds":
      return `xds ${address.host.toLowerCase()} ${address.port}`;
    case "files":
      return `fs ${address.path}`;
    case "kubernetes":
      return "k8s";
    case "unusable":
      return undefined;
  }
}

function upperFirst(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
