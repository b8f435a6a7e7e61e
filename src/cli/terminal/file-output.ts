import { fstatSync, writeSync } from "node:fs";
import { isatty } from "node:tty";
import type { CliIo, OutputStream } from "./io.ts";

/** Writes bytes from an offset on, and gives how many were taken. */
type WriteSync = (fd: number, bytes: Buffer, offset: number) => number;

/** The output streams of this process. */
export function processIo(): CliIo {
  return {
    stdout: isFile(1) ? fileOutput(1) : process.stdout,
    stderr: isFile(2) ? fileOutput(2) : process.stderr,
  };
}

/**
 * An output to a file or a device, which throws unless all of a text is taken. `process.stdout` hands a file each text in one
 * call and takes it for written, whatever part of it a disk that is nearly full has taken.
 */
export function fileOutput(fd: number, write: WriteSync = writeSync): OutputStream {
  /** Whether what was written last ends in the middle of a line: nothing may be put behind it. */
  let torn = false;
  return {
    write(text) {
      const bytes = Buffer.from(torn ? `\n${text}` : text);
      let written = 0;
      try {
        while (written < bytes.length) {
          const taken = write(fd, bytes, written);
          if (taken === 0) throw new Error("nothing more is taken");
          written += taken;
        }
        torn = false;
      } catch (error) {
        if (written > 0) torn = bytes[written - 1] !== 0x0a;
        throw error;
      }
    },
  };
}

function isFile(fd: number): boolean {
  try {
    // Without `bigint` Node 20 keeps what is told of a pipe where its search for packages takes it for what is told of a folder:
    // links on the way to a package are not followed any more, and it is loaded twice, once empty.
    const stat = fstatSync(fd, { bigint: true });
    return stat.isFile() || (stat.isCharacterDevice() && !isatty(fd));
  } catch {
    return false;
  }
}
