const units = [
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["m", 60_000],
  ["s", 1000],
] as const;

/** An age in its largest unit, as kubectl shows it: `3d`, `5h`, `12m`, `8s`. Empty for what has no sensible age. */
export function formatAge(ms: number): string {
  // A source that does not know the time of creation says the year 1; nothing here is that old.
  if (ms < 0 || ms > 200 * 365 * 86_400_000) return "";
  for (const [unit, size] of units) if (ms >= size) return `${Math.floor(ms / size)}${unit}`;
  return "0s";
}
