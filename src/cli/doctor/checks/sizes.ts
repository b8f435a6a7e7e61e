import type { Release } from "../../../xds/releases.ts";
import { formatBytes } from "../bytes.ts";
import { collectionOf, type Configuration, type KindSize } from "../configuration.ts";
import { type Examined, xdsSources } from "../examined.ts";
import type { Finding } from "../finding.ts";
import { holds, nameOf } from "../istiod.ts";

/** What gRPC in Go takes unless told otherwise; releases that take more take 2 GiB. */
const SMALL_CAP = 4 * 1024 * 1024;

/** Share of the cap from which on growth should be thought of. */
const NEAR_THE_CAP = 0.5;

/** From here on the memory is worth a warning: it is a quarter of what istiod asks for by default. */
const MUCH_MEMORY = 512 * 1024 * 1024;

/** Whether istiod can take messages of the size that the configuration makes, and what they cost it. */
export function checkSizes(examined: Examined): readonly Finding[] {
  const [source] = xdsSources(examined.sources);
  if (source === undefined || examined.istiod.release?.protocol === "mcp") return [];
  const path = source.addressPath;
  const kinds = askedSizes(examined);
  return [...caps(examined, kinds, path), ...memory(examined, kinds, path)];
}

/** Sizes of the kinds that the istiod asks for, largest first; undefined where sizes aren't known. */
function askedSizes({ istiod, configuration, registry }: Examined): readonly KindSize[] | undefined {
  const asked = istiod.release?.typeUrls.map((url) => collectionOf(url, registry));
  return configuration?.kinds
    .filter(({ spec }) => spec.generations.includes("current") && (asked === undefined || asked.includes(spec)))
    .sort((a, b) => b.bytes - a.bytes);
}

function caps(
  { istiod, configuration }: Examined,
  kinds: readonly KindSize[] | undefined,
  path: Finding["path"],
): readonly Finding[] {
  const cap = istiod.release?.maxMessageBytes ?? SMALL_CAP;
  const isCapped = holds(istiod, ({ maxMessageBytes }) => maxMessageBytes <= SMALL_CAP);
  const isSure = istiod.release !== undefined;
  const remedy =
    isCapped === "no" ? "Serve fewer resources." : "Use istiod 1.12 or later, or serve fewer resources of the kind.";
  if (configuration === undefined || kinds === undefined) {
    if (isCapped !== "yes") return [];
    const message = `${nameOf(istiod)} takes no message over ${formatBytes(cap)}, and all resources of a kind come in one.`;
    return [
      {
        id: "message-cap",
        severity: "warning",
        path,
        message,
        remedy: "Give --config-path or --admin to see how much there is.",
      },
    ];
  }
  const [largest] = kinds;
  if (largest === undefined || largest.bytes < cap * NEAR_THE_CAP) return [];
  const size = `All ${largest.count} resources of kind ${largest.spec.kind} make a message of ${sizeOf(largest.bytes, configuration)}`;
  const who = isSure ? nameOf(istiod) : "istiod of 1.11 or older";
  if (largest.bytes > cap) {
    return [
      {
        id: "message-too-large",
        severity: isSure ? "error" : "warning",
        path,
        message: `${size}; ${who} takes ${formatBytes(cap)}, so it ends the stream there, comes back, and ends it again.`,
        remedy,
      },
    ];
  }
  // An unknown istiod is most likely of a release without this cap.
  if (!isSure) return [];
  const percent = Math.round((100 * largest.bytes) / cap);
  const message = `${size}, ${percent} % of the ${formatBytes(cap)} that ${who} takes.`;
  return [{ id: "message-cap", severity: "warning", path, message, remedy }];
}

function memory(
  { istiod, configuration }: Examined,
  kinds: readonly KindSize[] | undefined,
  path: Finding["path"],
): readonly Finding[] {
  const [largest] = kinds ?? [];
  if (configuration === undefined || kinds === undefined || largest === undefined) return [];
  if (holds(istiod, ({ pinnedResponses }) => pinnedResponses > 0) === "no") return [];
  const { pinned, answers } = pinnedBy(istiod.release);
  const all = kinds.reduce((sum, { bytes }) => sum + bytes, 0);
  const most = all + Math.max(0, pinned - answers) * largest.bytes;
  const who = istiod.release === undefined ? "istiod of 1.12 or later" : nameOf(istiod);
  return [
    {
      id: "responses-pinned",
      severity: most >= MUCH_MEMORY ? "warning" : "info",
      path,
      message: `${who} keeps the first ${pinned} responses as long as it lives. One answer for each kind is ${sizeOf(all, configuration)}; if ${largest.spec.kind}, the largest, changes ${pinned - answers} times, that is up to ${formatBytes(most)}.`,
      remedy: most >= MUCH_MEMORY ? "Give istiod that much more memory, or serve it less." : "",
    },
  ];
}

function pinnedBy(release: Release | undefined): { readonly pinned: number; readonly answers: number } {
  return { pinned: release?.pinnedResponses ?? 100, answers: release?.typeUrls.length ?? 15 };
}

function sizeOf(bytes: number, { isEstimate }: Configuration): string {
  return `${isEstimate ? "about " : ""}${formatBytes(bytes)}`;
}
