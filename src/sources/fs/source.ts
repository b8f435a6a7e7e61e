import { systemClock } from "../../lib/clock.ts";
import { silentLogger } from "../../lib/logger.ts";
import type { Source, SourceBatch } from "../source.ts";
import { nodeDisk } from "./disk.ts";
import { defaultLimits, defaultTimings, type FileSourceOptions } from "./options.ts";
import { Session } from "./session.ts";

/** A source that reads a folder, and can be told to look at all of it again. */
export interface FileSource extends Source {
  /** Has every current reading read all files again now, whether or not they seem to have changed. */
  rescan(): void;
}

/**
 * Reads the YAML and JSON files of a folder and of all folders below it, and follows them from then on.
 *
 * What is removed is deleted. What breaks, can't be read or goes out of sight keeps its last good version, and is listed as a
 * problem until it is mended.
 */
export function createFileSource(options: FileSourceOptions): FileSource {
  const sessions = new Set<Session>();
  const { root, decode, help, cache, clock = systemClock, disk = nodeDisk, log = silentLogger } = options;
  const limits = { ...defaultLimits, ...options.limits };
  const timings = { ...defaultTimings, ...options.timings };

  async function* read(signal: AbortSignal): AsyncGenerator<SourceBatch, undefined> {
    const session = new Session({ root, decode, help, cache, clock, disk, log, limits, timings });
    sessions.add(session);
    log.debug("reading the folder", { root });
    try {
      yield* session.read(signal);
    } finally {
      sessions.delete(session);
    }
  }

  return {
    name: "files",
    read,
    rescan() {
      for (const session of sessions) session.rescan();
    },
  };
}
