const unitMs: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  μs: 1e-3,
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
};

const whole = /^(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+$/u;
const piece = /(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h)/gu;
const longestText = 64;

/** Milliseconds of a duration written as Go writes it, such as `1h2m3.5s`, `500ms` or `0`; undefined if it isn't one. */
export function parseDuration(text: string): number | undefined {
  if (text === "0") return 0;
  if (text.length > longestText || !whole.test(text)) return undefined;
  let ms = 0;
  for (const [, amount, unit] of text.matchAll(piece)) ms += Number(amount) * unitMs[unit!]!;
  // Sums of decimal fractions stray by parts of a nanosecond, which is the finest unit.
  return Math.round(ms * 1e6) / 1e6;
}

/** The duration as Go prints it: `0s`, `500ms`, `2s`, `1h2m3.5s`. */
export function formatDuration(ms: number): string {
  if (ms === 0) return "0s";
  if (ms < 1_000) return formatShort(ms);
  const hours = Math.floor(ms / 3_600_000);
  const minutes = Math.floor((ms % 3_600_000) / 60_000);
  const seconds = decimal((ms % 60_000) / 1_000, 9);
  if (hours > 0) return `${hours}h${minutes}m${seconds}s`;
  return minutes > 0 ? `${minutes}m${seconds}s` : `${seconds}s`;
}

function formatShort(ms: number): string {
  if (ms >= 1) return `${decimal(ms, 6)}ms`;
  if (ms >= 1e-3) return `${decimal(ms * 1e3, 3)}µs`;
  return `${decimal(ms * 1e6, 0)}ns`;
}

function decimal(value: number, digits: number): string {
  return digits === 0 ? String(Math.round(value)) : value.toFixed(digits).replace(/\.?0+$/u, "");
}
