import { spawn } from "node:child_process";
import { cp, mkdir } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { CommandError, need } from "../command.ts";

/** Istio's own programs, by path, and its sources. */
export interface IstioPrograms {
  readonly galley: string;
  readonly mcpc: string;
  readonly mixs: string;
  readonly mixc: string;
  readonly pilot: string;
  /** Pilot of May 2020, which wants kinds that came after Istio 1.3. */
  readonly laterPilot: string;
  /** The folder of the module of 1.3, which is read-only. */
  readonly sources: string;
}

const compiler = "go";

/** How often is said how far the build is, milliseconds. */
const TELL_EVERY_MS = 10_000;

/**
 * Builds Istio's programs in a folder that outlives the run: linking them again would take longer than many of the checks.
 * @throws CommandError when the modules can't be fetched or built, with what go says of it.
 */
export async function buildIstio(): Promise<IstioPrograms> {
  const bin = join(await build("."), "bin");
  const later = await build("later");
  const sources = await need(compiler, ["list", "-m", "-f", "{{.Dir}}", "istio.io/istio"], { cwd: join(bin, "..") });
  const at = (name: string): string => join(bin, name);
  return {
    galley: at("galley"),
    mcpc: at("mcpc"),
    mixs: at("mixs"),
    mixc: at("mixc"),
    pilot: at("pilot-discovery"),
    laterPilot: join(later, "bin", "pilot-discovery"),
    sources: sources.trim(),
  };
}

/** Builds the programs of one module of this folder, into `bin/` of the folder that is given back. */
async function build(name: string): Promise<string> {
  const cache = process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache");
  const module = join(cache, "galley-foreign", "istio", name);
  await mkdir(join(module, "bin"), { recursive: true });
  for (const file of ["go.mod", "go.sum"]) {
    await cp(fileURLToPath(new URL(`${name}/${file}`, import.meta.url)), join(module, file));
  }
  await goBuild(module, "-v", "-buildvcs=false", "-o", `${join(module, "bin")}/`, "tool");
  return module;
}

/** Builds, which may take minutes, and says now and then how far it is: go tells of each module that it fetches and each package that it compiles. */
async function goBuild(cwd: string, ...flags: readonly string[]): Promise<void> {
  const child = spawn(compiler, ["build", ...flags], { cwd, stdio: ["ignore", "ignore", "pipe"] });
  const started = Date.now();
  const last: string[] = [];
  let steps = 0;
  createInterface({ input: child.stderr }).on("line", (line) => {
    steps++;
    last.push(line);
    if (last.length > 20) last.shift();
  });
  const telling = setInterval(() => {
    const seconds = Math.round((Date.now() - started) / 1000);
    console.error(
      `istio: ${steps} modules and packages after ${seconds} s, of up to 1,300; now ${last.at(-1) ?? "waiting"}`,
    );
  }, TELL_EVERY_MS);
  const code = await new Promise((resolve) => child.once("error", resolve).once("close", resolve));
  clearInterval(telling);
  if (code === 0) return;
  const remedy = "they come from the module proxy that `go env GOPROXY` names, which has to be reachable";
  throw new CommandError(`Istio's programs can't be built; ${remedy}. go says:\n${last.join("\n")}`);
}
