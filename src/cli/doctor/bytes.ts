const units = ["bytes", "KiB", "MiB", "GiB", "TiB"] as const;

/** A size for people, such as `4.2 MiB`. */
export function formatBytes(bytes: number): string {
  const unit = bytes < 1024 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(bytes) / 10));
  const value = bytes / 1024 ** unit;
  return `${unit === 0 ? value : value.toFixed(value < 100 ? 1 : 0)} ${units[unit]}`;
}
