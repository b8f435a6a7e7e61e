// Checks a running Galley with clients that share no code with it: OpenSSL, grpc-go, grpcio, grpcurl, what istiod reads with, and the
// programs of Istio 1.3. See README.md.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CommandError } from "./command.ts";
import { runGrpcurl } from "./grpcurl.ts";
import { buildIstio } from "./istio/programs.ts";
import { runIstio } from "./istio/run.ts";
import { runOpenssl } from "./openssl.ts";
import { runSink } from "./sinks.ts";
import { Tally } from "./tally.ts";
import { buildGo, buildPython, buildXds, missingToolchains, pythonSink } from "./toolchains.ts";

const suites: Readonly<Record<string, (into: string, tally: Tally) => Promise<void>>> = {
  openssl: runOpenssl,
  async go(into, tally) {
    const { grpcurl, sink } = await buildGo(into);
    await runGrpcurl(grpcurl, into, tally);
    await runSink("go", [sink], into, tally);
  },
  async python(into, tally) {
    await runSink("python", [await buildPython(into), pythonSink], into, tally);
  },
  async xds(into, tally) {
    await runSink("xds", [await buildXds(into)], into, tally);
  },
  async istio(into, tally) {
    await runIstio(await buildIstio(), into, tally);
  },
};

const named = process.argv.slice(2);
const unknown = named.filter((name) => !Object.hasOwn(suites, name));
if (unknown.length > 0) {
  console.error(`there is no ${unknown.join(", ")}; there are ${Object.keys(suites).join(", ")}`);
  process.exit(2);
}
const missing = await missingToolchains();
for (const sentence of missing) console.error(`missing: ${sentence}`);
if (missing.length > 0) process.exit(2);

const into = await mkdtemp(join(tmpdir(), "galley-foreign-"));
const tally = new Tally();
try {
  console.error("building as need be; the first time takes minutes, as modules are fetched and compiled");
  for (const [name, run] of Object.entries(suites)) {
    if (named.length === 0 || named.includes(name)) await run(into, tally);
  }
  console.log(`${tally.passed} passed, ${tally.failed} failed`);
  process.exitCode = tally.failed === 0 ? 0 : 1;
} catch (error) {
  if (!(error instanceof CommandError)) throw error;
  console.error(error.message);
  process.exitCode = 2;
} finally {
  await rm(into, { recursive: true, force: true });
}
