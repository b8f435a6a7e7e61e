import type { FileTimings } from "./options.ts";

/** What one look at a path found. A link that leads nowhere is `dangling`; `other` is no file at all, such as a pipe. */
export type Sight =
  | { readonly kind: "file"; readonly mark: string; readonly size: number; readonly ageMs: number }
  | { readonly kind: "gone" | "dangling" | "folder" | "other" };

/** A path about which nothing is decided yet. */
export interface Pending {
  /** When the first of the looks was that led here. */
  readonly sinceMs: number;
  /** When to look again. */
  readonly dueMs: number;
  /** What the last look found: a file's mark, or another kind of sight. */
  readonly last: string;
  /** Since when that has been so. */
  readonly lastMs: number;
  /** When it was last found to be other than before. */
  readonly changedMs: number;
  /** The state of the file in which it was read and found to have lost something. */
  readonly loss: string | undefined;
}

/** What is known of a file that was read. */
export interface Known {
  readonly mark: string;
  readonly racy: boolean;
}

/** What to do now. */
export type Verdict =
  | { readonly kind: "nothing" }
  | { readonly kind: "wait"; readonly pending: Pending }
  /** `believe`: what it lost, it has lost for good. `restless`: it goes on changing, and can't be waited for. */
  | { readonly kind: "read"; readonly believe: boolean; readonly restless: boolean }
  | { readonly kind: "gone" | "dangling" };

/**
 * Decides about a path: a file is read once it has stood still, and taken for gone once it has been away for a while. Saving
 * is seldom one step: files are cut to nothing and then written, or moved aside and then replaced.
 */
export function judge(
  sight: Sight,
  known: Known | undefined,
  pending: Pending | undefined,
  nowMs: number,
  timings: FileTimings,
  force = false,
): Verdict {
  if (sight.kind === "dangling") return judgeAbsence("dangling", pending, nowMs, timings);
  if (sight.kind !== "file") {
    // Whatever else took the file's place, the file is gone.
    return known === undefined ? { kind: "nothing" } : judgeAbsence("gone", pending, nowMs, timings);
  }
  const { mark, size, ageMs } = sight;
  const same = known?.mark === mark && !known.racy && !force;
  if (pending === undefined && same) return { kind: "nothing" };

  const sinceMs = pending === undefined || pending.last === "gone" ? nowMs : pending.sinceMs;
  const isSame = pending?.last === mark;
  const lastMs = isSame ? pending.lastMs : nowMs;
  const changedMs = isSame ? pending.changedMs : nowMs;
  const loss = pending?.loss === mark ? mark : undefined;
  // One that only waited, because much else was to be read, is not restless.
  const restless = changedMs - sinceMs >= timings.restlessMs;
  // A file that nobody wrote to lately needs no second look, unless there is something to lose.
  const old = known === undefined && ageMs >= timings.restlessMs;
  const quietMs = size === 0 || loss !== undefined ? timings.lossMs : timings.settleMs;
  const still = old || nowMs >= lastMs + quietMs;
  if (still || restless) return { kind: "read", believe: still && loss !== undefined, restless };
  const [quietAtMs, restlessAtMs] = [lastMs + quietMs, sinceMs + timings.restlessMs];
  const dueMs = restlessAtMs > nowMs ? Math.min(quietAtMs, restlessAtMs) : quietAtMs;
  return { kind: "wait", pending: { sinceMs, dueMs, last: mark, lastMs, changedMs, loss } };
}

function judgeAbsence(
  kind: "gone" | "dangling",
  pending: Pending | undefined,
  nowMs: number,
  { goneMs }: FileTimings,
): Verdict {
  const sinceMs = pending?.sinceMs ?? nowMs;
  const isSame = pending?.last === kind;
  const lastMs = isSame ? pending.lastMs : nowMs;
  const changedMs = isSame ? pending.changedMs : nowMs;
  const dueMs = lastMs + goneMs;
  if (nowMs >= dueMs) return { kind };
  return { kind: "wait", pending: { sinceMs, dueMs, last: kind, lastMs, changedMs, loss: undefined } };
}

/** The next look at a file that was read and would lose something: the loss is believed if it is still the same then. */
export function doubtLoss(pending: Pending | undefined, mark: string, nowMs: number, { lossMs }: FileTimings): Pending {
  const { sinceMs, changedMs } = pending ?? { sinceMs: nowMs, changedMs: nowMs };
  return { sinceMs, dueMs: nowMs + lossMs, last: mark, lastMs: nowMs, changedMs, loss: mark };
}

/** What was reported to have changed is looked at soon, whatever it was waiting for. */
export function hasten(pending: Pending, nowMs: number, { settleMs }: FileTimings): Pending {
  return { ...pending, dueMs: Math.min(pending.dueMs, nowMs + settleMs) };
}
