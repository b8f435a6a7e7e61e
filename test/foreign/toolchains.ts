import { cp, mkdir } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { need, run } from "./command.ts";

const here = fileURLToPath(new URL(".", import.meta.url));
const root = fileURLToPath(new URL("../../", import.meta.url));

/** What is missing on this machine, a sentence each; empty when all can be built. */
export async function missingToolchains(): Promise<readonly string[]> {
  const [openssl, go, python] = await Promise.all([
    run("openssl", ["version"]),
    run("go", ["env", "GOVERSION"]),
    run("python3", ["-c", "import sys, venv, ensurepip; print('%d.%d' % sys.version_info[:2])"]),
  ]);
  return [
    /^OpenSSL [1-9]/.test(openssl.stdout) ? undefined : `OpenSSL (${found(openssl, "openssl")}): install openssl`,
    isAtLeast(go.stdout, 1, 26) ? undefined : `Go 1.26 or later (${found(go, "go")}): install it from go.dev`,
    isAtLeast(python.stdout, 3, 10)
      ? undefined
      : `Python 3.10 or later with venv (${found(python, "python3")}): install python3 and python3-venv`,
  ].filter((sentence) => sentence !== undefined);
}

function isAtLeast(version: string, major: number, minor: number): boolean {
  const [, a, b] = /(\d+)\.(\d+)/.exec(version) ?? [];
  return a !== undefined && (Number(a) > major || (Number(a) === major && Number(b) >= minor));
}

function found({ ok, stdout, stderr }: { ok: boolean; stdout: string; stderr: string }, command: string): string {
  return ok ? `found ${stdout.trim()}` : `${command}: ${stderr.trim().split("\n").at(-1)}`;
}

/** What was built of the Go module: programs by path. */
export interface GoPrograms {
  readonly sink: string;
  readonly grpcurl: string;
}

/** Builds the Go sink, with code generated from our proto files, and grpcurl. */
export async function buildGo(into: string): Promise<GoPrograms> {
  const module = join(into, "go");
  const bin = join(module, "bin");
  await cp(join(here, "go"), module, { recursive: true });
  await mkdir(bin);
  await need("go", ["build", "-o", `${bin}/`, "tool"], { cwd: module });
  const buf = join(root, "node_modules", ".bin", "buf");
  const paths = ["mcp", "networking"].flatMap((name) => ["--path", join("proto", "istio13", name)]);
  await need(buf, ["generate", "--template", join(module, "buf.gen.yaml"), "-o", module, ...paths], {
    cwd: root,
    env: { ...process.env, PATH: [bin, process.env["PATH"]].join(delimiter) },
  });
  await need("go", ["vet", "."], { cwd: module });
  await need("go", ["build", "-o", join(bin, "sink"), "."], { cwd: module });
  return { sink: join(bin, "sink"), grpcurl: join(bin, "grpcurl") };
}

/** Builds the program of the xDS checks: istiod's own client among them, which takes minutes the first time. */
export async function buildXds(into: string): Promise<string> {
  const module = join(into, "xds");
  await cp(join(here, "xds"), module, { recursive: true });
  for (const shared of ["check.go", "content.go"]) await cp(join(here, "go", shared), join(module, shared));
  await need("go", ["vet", "."], { cwd: module });
  const program = join(module, "bin", "xds");
  await need("go", ["build", "-o", program, "."], { cwd: module });
  return program;
}

/** Makes a Python environment with the packages of the Python sink; gives its interpreter. */
export async function buildPython(into: string): Promise<string> {
  const environment = join(into, "python");
  await need("python3", ["-m", "venv", environment]);
  const python = join(environment, "bin", "python");
  await need(python, ["-m", "pip", "install", "--quiet", "--requirement", join(here, "python", "requirements.txt")]);
  return python;
}

/** The program of the Python sink. */
export const pythonSink: string = join(here, "python", "main.py");
