import { connectionPlaces, openFilesLimit } from "../../grpc/places.ts";
import type { Logger } from "../../lib/logger.ts";
import type { ServerValues } from "../options/table.ts";

/** As many sinks as a server is made for. */
const ENOUGH = 10_000;

/** How many connections each listener may have. Where that may be too few, the log tells what to do. */
export function sharePlaces({ xdsAddress }: Pick<ServerValues, "xdsAddress">, log: Logger): number {
  const openFiles = openFilesLimit();
  const connections = connectionPlaces(openFiles, xdsAddress === "" ? 1 : 2);
  if (connections < ENOUGH)
    log.info("few clients can be connected at once: this process may open few files (ulimit -n)", {
      connections,
      openFiles,
    });
  return connections;
}
