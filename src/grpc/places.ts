import { readFileSync } from "node:fs";

/** The most connections of a listener. Each takes 70 KiB over TLS when nothing happens on it. */
export const MOST_CONNECTIONS = 32_768;

/** What else a process opens: its configuration, whatever watches over it, the log, both ports of administration (256 each). */
const OTHER_FILES = 1024;

/**
 * How many connections each of so many listeners may have in a process that may open so many files. If connections took all of
 * them, configuration could no longer be read, nor anybody be told why.
 * @param openFiles `undefined` where there is no bound that is known
 */
export function connectionPlaces(openFiles: number | undefined, listeners = 1): number {
  if (openFiles === undefined) return MOST_CONNECTIONS;
  const others = Math.min(OTHER_FILES, openFiles / 2);
  return Math.min(MOST_CONNECTIONS, Math.floor((openFiles - others) / listeners));
}

/** How many files this process may open at once; `undefined` where the system doesn't say so in the way of Linux. */
export function openFilesLimit(): number | undefined {
  try {
    const found = /^Max open files +(\d+)/m.exec(readFileSync("/proc/self/limits", "latin1"));
    return found === null ? undefined : Number(found[1]);
  } catch {
    return undefined;
  }
}
