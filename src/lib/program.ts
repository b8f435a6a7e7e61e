// Where the program's own files are. Nobody else may ask `import.meta.url` for that: a build puts many modules into one file, in
// another folder.

/** Whether the program runs from its TypeScript sources, as in tests, and not as it was built. */
export const runsFromSource: boolean = import.meta.url.endsWith(".ts");

/** The package's own description. */
export const packageFile: URL = new URL(import.meta.resolve("galley/package.json"));

/** Folder of the code that runs: `src/` or `dist/`. */
export const codeRoot: URL = new URL(runsFromSource ? "src/" : "dist/", packageFile);

/**
 * The file of a module that is loaded by its place: the entry of a thread, and what that is told to load. The build makes an
 * entry of its own of each (`scripts/bundle.mjs`).
 *
 * @param path where it is in the folder of the code, without an extension
 */
export function moduleFile(path: string): URL {
  return new URL(`${path}.${runsFromSource ? "ts" : "js"}`, codeRoot);
}
