// Checks a running Galley with clients that share no code with it: OpenSSL, grpc-go, grpcio, grpcurl, and what istiod reads with.
// See README.md.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runGrpcurl } from "./grpcurl.ts";
import { runOpenssl } from "./openssl.ts";
import { runSink } from "./sinks.ts";
import { Tally } from "./tally.ts";
import { buildGo, buildPython, buildXds, missingToolchains, pythonSink } from "./toolchains.ts";

const missing = await missingToolchains();
for (const sentence of missing) console.error(`missing: ${sentence}`);
if (missing.length > 0) process.exit(2);

const into = await mkdtemp(join(tmpdir(), "galley-foreign-"));
const tally = new Tally();
try {
  console.error("building; the first time takes minutes, as modules are fetched and compiled");
  const go = await buildGo(into);
  const python = await buildPython(into);
  const xds = await buildXds(into);
  await runOpenssl(into, tally);
  await runGrpcurl(go.grpcurl, into, tally);
  await runSink("python", [python, pythonSink], into, tally);
  await runSink("go", [go.sink], into, tally);
  await runSink("xds", [xds], into, tally);
} finally {
  await rm(into, { recursive: true, force: true });
}
console.log(`${tally.passed} passed, ${tally.failed} failed`);
process.exitCode = tally.failed === 0 ? 0 : 1;
