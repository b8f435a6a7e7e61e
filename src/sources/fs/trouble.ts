import type { Place, Problem } from "../../model/problem.ts";
import { errorCode } from "./disk.ts";

/** What the operating system's error codes mean for the person who is to mend it. */
const remedies: Readonly<Record<string, string>> = {
  ENOENT: "does not exist; create it, or correct the path",
  ENOTDIR: "is not a folder; give the folder that the files are in",
  EACCES: "may not be read; grant read and search permission to the user that Galley runs as",
  EPERM: "may not be read; grant read and search permission to the user that Galley runs as",
  ELOOP: "is a link that leads back to itself; correct the link",
  EIO: "can't be read: the disk reports an error; check the disk",
  ESTALE: "is stale: its network file system was unmounted or replaced; mount it again",
  ENOTCONN: "can't be reached: its file system is not connected; mount it again",
  ENODEV: "is on a device that is gone; attach it again",
  EMFILE: "can't be opened: too many files are open; raise the limit (ulimit -n)",
  ENFILE: "can't be opened: too many files are open; raise the limit of the system",
  ENAMETOOLONG: "has a name that is too long; shorten it",
};

/** `what` in a sentence about an error that reading it met, with what to do. */
export function sentenceOn(what: string, error: unknown): string {
  const code = errorCode(error);
  const remedy = remedies[code];
  if (remedy !== undefined) return `${what} ${remedy}`;
  return `${what} can't be read: ${error instanceof Error ? error.message : String(error)}`;
}

const kept = "what was read from it before stays in service";

/** Why the whole folder is out of sight. */
export function rootTrouble(shown: string, why: string, code = "folder-unreadable"): Problem {
  return {
    severity: "error",
    code,
    message: why,
    action: `${kept}; it is looked for again and again`,
    at: { file: shown },
  };
}

/** An empty folder stands in the root's place: that is doubted for so long, milliseconds, and then believed. */
export function emptiedTrouble(shown: string, doubtMs: number): Problem {
  const time = `${doubtMs / 1000} s`;
  return {
    severity: "error",
    code: "folder-replaced",
    message: `${shown} was replaced by an empty folder; put the files into it, or it counts as emptied in ${time}`,
    action: `${kept} until then, and is deleted after that`,
    at: { file: shown },
  };
}

export function folderTrouble(shown: string, why: string, code = "folder-unreadable"): Problem {
  return { severity: "error", code, message: why, action: kept, at: { file: shown } };
}

export function fileTrouble(shown: string, code: string, why: string, where?: Omit<Place, "file">): Problem {
  return { severity: "error", code, message: why, action: kept, at: { file: shown, ...where } };
}

/** Folders can't be watched: changes are seen all the same, only later. */
export function watchTrouble(shown: string, code: string, pollMs: number): Problem {
  const limit = code === "ENOSPC" ? "fs.inotify.max_user_watches" : "fs.inotify.max_user_instances, or ulimit -n";
  return {
    severity: "warning",
    code: "watch-limit",
    message: `not every folder can be watched for changes (${code}); raise the limit: ${limit}`,
    action: `files are looked at every ${Math.ceil(pollMs / 1000)} s instead`,
    at: { file: shown },
  };
}
