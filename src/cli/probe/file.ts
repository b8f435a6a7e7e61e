import { stat } from "node:fs/promises";
import { formatDuration } from "../options/duration.ts";

/** What a probe found. */
export type Probed = { readonly ok: true } | { readonly ok: false; readonly reason: string };

/** How late a file may be beyond its interval, as in Galley 1.3.6: clocks and file systems round. */
const TOLERANCE_MS = 10;

/** Whether a probe file is there and was refreshed within the interval. @param wallMs the time now */
export async function probeFile(path: string, intervalMs: number, wallMs: number): Promise<Probed> {
  const found = await stat(path).then(
    ({ mtimeMs }) => ({ mtimeMs }),
    (error: NodeJS.ErrnoException) => ({ reason: reasons[error.code ?? ""] ?? error.message }),
  );
  if ("reason" in found) return { ok: false, reason: `fail on inspecting path ${path}: ${found.reason}` };
  const ageMs = wallMs - found.mtimeMs;
  if (ageMs <= intervalMs + TOLERANCE_MS) return { ok: true };
  const at = new Date(found.mtimeMs).toISOString();
  const limit = formatDuration(intervalMs);
  return {
    ok: false,
    reason: `fail on inspecting path ${path}: the file is too old: it was written at ${at}, more than ${limit} ago`,
  };
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file, as long as the probed server isn't well",
  EACCES: "this process may not look there",
};
