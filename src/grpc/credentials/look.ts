import { constants } from "node:fs";
import { open } from "node:fs/promises";

/** What stands in a file at the moment it is looked at. */
export type FileLook =
  | { readonly kind: "bytes"; readonly bytes: Buffer }
  | { readonly kind: "absent" }
  | { readonly kind: "unreadable"; readonly why: string };

/** How a file is looked at. */
export type LookAt = (path: string) => Promise<FileLook>;

/** Far more than any bundle of authorities or list of sinks needs. */
export const MAX_FILE_BYTES: number = 1024 * 1024;

const PIECE_BYTES = 16 * 1024;

/** Reads a whole file through all symlinks: a mounted ConfigMap or Secret is one, and is replaced by turning the link. */
export async function lookAt(path: string): Promise<FileLook> {
  try {
    // Without O_NONBLOCK, opening a pipe that stands in the file's place would wait for a writer.
    await using handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    if (!(await handle.stat()).isFile()) return { kind: "unreadable", why: "it is not a regular file" };
    const pieces: Buffer[] = [];
    for (let length = 0; length <= MAX_FILE_BYTES;) {
      const { bytesRead, buffer } = await handle.read(Buffer.alloc(PIECE_BYTES));
      if (bytesRead === 0) return { kind: "bytes", bytes: Buffer.concat(pieces) };
      pieces.push(buffer.subarray(0, bytesRead));
      length += bytesRead;
    }
    return { kind: "unreadable", why: `it is larger than ${MAX_FILE_BYTES} bytes` };
  } catch (error) {
    const { code = "", message } = error as NodeJS.ErrnoException;
    return code === "ENOENT" ? { kind: "absent" } : { kind: "unreadable", why: reasons[code] ?? message };
  }
}

const reasons: Readonly<Record<string, string>> = {
  EACCES: "this process may not read it",
  EPERM: "this process may not read it",
  EISDIR: "it is a folder",
  ENOTDIR: "its path leads through something that is no folder",
  ELOOP: "it is a link that leads back to itself",
};
