import { lstatSync, mkdirSync } from "node:fs";
import { join } from "node:path";

/** Our own folder in the one that was given: that may be shared, and hold what is none of our business. */
const OWN = "galley-cache-1";

/**
 * Makes ready the folder that entries are kept in, and gives its path. What is in it is served, so nobody else may write to it.
 *
 * @throws Error when there can be none, with the remedy
 */
export function prepareFolder(given: string): string {
  const folder = join(given, OWN);
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new Error(
      `${folder} can't be created (${(error as NodeJS.ErrnoException).code}); give a folder that can be written`,
      {
        cause: error,
      },
    );
  }
  const stat = lstatSync(folder);
  const isOurs = process.getuid === undefined || stat.uid === process.getuid();
  if (!stat.isDirectory() || !isOurs || (stat.mode & 0o077) !== 0) {
    throw new Error(`${folder} is open to others than the user that Galley runs as; remove it`);
  }
  return folder;
}
