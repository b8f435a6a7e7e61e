// Finishes a build: takes away what is left of earlier ones, bundles the program, makes it executable, and writes down what was
// built for `galley version`.
import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { bundle } from "./bundle.mjs";

const root = new URL("../", import.meta.url);

function git(...args) {
  try {
    const options = { cwd: fileURLToPath(root), encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] };
    return execFileSync("git", args, options).trim();
  } catch {
    return undefined; // built from a package, not from a checkout
  }
}

/** Modules whose source is gone would be packed for good: the compiler only adds. */
function removeLeftovers() {
  const dist = new URL("dist/", root);
  for (const file of readdirSync(dist, { recursive: true })) {
    const path = file.replaceAll("\\", "/");
    const module = /^(?!cli\/)(.+?)(?:\.d\.ts|\.js|\.js\.map)$/.exec(path)?.[1];
    if (module !== undefined && !existsSync(new URL(`src/${module}.ts`, root))) rmSync(new URL(path, dist));
  }
}

removeLeftovers();
await bundle(root);
const { version } = JSON.parse(readFileSync(new URL("package.json", root), "utf8"));
const changes = git("status", "--porcelain", "--untracked-files=no");
const info = {
  version,
  revision: git("rev-parse", "HEAD") ?? "unknown",
  status: changes === undefined ? "unknown" : changes === "" ? "Clean" : "Modified",
  tag: git("describe", "--tags", "--always") ?? "unknown",
};
writeFileSync(new URL("dist/build-info.json", root), `${JSON.stringify(info, null, 2)}\n`);
chmodSync(new URL("dist/cli/main.js", root), 0o755);
