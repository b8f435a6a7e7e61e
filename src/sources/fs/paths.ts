/** Whether a name is that of a configuration file. As in Galley 1.3.6 case matters and hidden files count. */
export function isConfigFile(name: string): boolean {
  return /\.(?:yaml|yml|json)$/.test(name) && !isPassedOver(name);
}

/**
 * Names that are never looked at: `..data` and `..2031_01_01…`, through which a ConfigMap mount shows each of its files once
 * more; the lock links of Emacs (`.#a.yaml`) and the resource forks of macOS (`._a.yaml`), which only look like files of ours;
 * and the thousands of folders in `.git`.
 */
export function isPassedOver(name: string): boolean {
  return name.startsWith("..") || name.startsWith(".#") || name.startsWith("._") || name === ".git";
}

/** Joins a folder, relative to the root and empty for it, and a name. */
export function join(folder: string, name: string): string {
  return folder === "" ? name : `${folder}/${name}`;
}

/** The folder of a relative path; empty for the root. */
export function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf("/")));
}

export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** The order of a walk that visits the names of each folder in order: `a/z` before `a.yaml`. */
export function comparePaths(a: readonly string[], b: readonly string[]): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    if (a[i]! !== b[i]!) return a[i]! < b[i]! ? -1 : 1;
  }
  return a.length - b.length;
}

/** A path for people: what would break a line is escaped. */
export function shownPath(path: string): string {
  return path.replaceAll(/\p{Cc}/gu, (c) => `\\x${c.charCodeAt(0).toString(16).padStart(2, "0")}`);
}
