import { lstat, open, unlink } from "node:fs/promises";

/**
 * Makes the file, or makes it new again: what is read of it is only when it was written last.
 * @throws Error when that can't be done, or when what stands there is somebody else's
 */
export async function refreshProbeFile(path: string, wallMs: number): Promise<void> {
  await probeFileExists(path);
  // Appending, because it can't destroy what another process might have written a moment ago.
  const handle = await open(path, "a");
  try {
    await handle.utimes(wallMs / 1000, wallMs / 1000);
  } finally {
    await handle.close();
  }
}

/**
 * Takes the file away. That there is none is fine.
 * @throws Error when that can't be done, or when what stands there is somebody else's
 */
export async function removeProbeFile(path: string): Promise<void> {
  if (await probeFileExists(path)) await unlink(path);
}

/**
 * Whether the file is there. Probe files are empty, those of Galley 1.3.6 too: anything else is what a slip of the path
 * would empty and delete.
 * @throws Error when what stands there is no empty file
 */
async function probeFileExists(path: string): Promise<boolean> {
  const stats = await lstat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
  if (stats !== undefined && (!stats.isFile() || stats.size > 0)) {
    throw new Error("something other than an empty file is there, which is left alone");
  }
  return stats !== undefined;
}
