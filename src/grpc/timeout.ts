/** Longest delay that a timer of Node can hold; a longer one would fire at once. About 25 days. */
const MAX_DELAY_MS = 2 ** 31 - 1;

const unitMs: Readonly<Record<string, number>> = { H: 3_600_000, M: 60_000, S: 1_000, m: 1, u: 1e-3, n: 1e-6 };

/**
 * Reads a `grpc-timeout` header: at most eight digits and a unit. Gives milliseconds, rounded up so that a call is never
 * cut short; `undefined` when it is malformed.
 */
export function parseTimeout(header: string): number | undefined {
  const match = /^(\d{1,8})([HMSmun])$/.exec(header);
  if (match === null) return undefined;
  const ms = Math.ceil(Number(match[1]) * unitMs[match[2]!]!);
  return Math.min(ms, MAX_DELAY_MS);
}
