import * as grpc from "@grpc/grpc-js";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { TestFolder } from "../../src/grpc/credentials/testing/folder.ts";
import { issue } from "../../src/grpc/testing/certificates.ts";
import { SINK_STREAM } from "../../src/mcp/protocol.ts";
import { ScriptedServer } from "../conformance/peers/grpc-server.ts";
import { GalleyProcess, type LogRecord, runGalley } from "../support/galley-process.ts";
import { MetadataServer, noGoogle } from "../support/metadata-server.ts";

// `galley server` in a process of its own, which calls a sink that asks for TLS and a token of Google.

const authority = issue({ name: "authority", authority: true });
const own = issue({ name: "sink", issuer: authority, dns: ["localhost"] });

let folder: TestFolder;
let metadata: MetadataServer;
let sink: ScriptedServer;

beforeEach(async () => {
  folder = await TestFolder.make();
  metadata = await MetadataServer.start();
  const pair = { private_key: Buffer.from(own.key), cert_chain: Buffer.from(own.cert) };
  sink = await ScriptedServer.start(SINK_STREAM, { credentials: grpc.ServerCredentials.createSsl(null, [pair]) });
  await folder.write("root.pem", authority.cert);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  for (const one of [sink, metadata, folder]) await one[Symbol.asyncDispose]();
});

/** What a child process inherits. */
function useEnvironment(values: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(values)) vi.stubEnv(name, value);
}

function flags(): readonly string[] {
  return [`--sink-address=localhost:${sink.port}`, "--sink-auth-mode=GOOGLE"];
}

test("a sink is called with a token that is good now; one that can't be had is asked for again later", async () => {
  useEnvironment({ ...metadata.environment(folder.path), NODE_EXTRA_CA_CERTS: folder.at("root.pem") });
  metadata.answer = () => (metadata.asked.length === 1 ? { status: 403 } : { token: `token-${metadata.asked.length}` });
  await using server = await GalleyProcess.start("samples", ...flags());
  const ended = (code: string) => (record: LogRecord) =>
    record.msg === "the stream to a sink ended; it is called again" && record["code"] === code;
  expect(await server.record(ended("Unavailable"))).toMatchObject({
    level: "warn",
    address: `localhost:${sink.port}`,
    reason: expect.stringMatching(/^no access token: .*Forbidden/u),
  });
  expect(sink.opened).toBe(0);
  const call = await sink.next();
  expect(call.metadata.get("authorization")).toEqual(["Bearer token-2"]);
  expect(call.metadata.get("config.source.version")).toHaveLength(1);
  expect(JSON.stringify(server.records)).not.toContain("token-2");
  call.end(grpc.status.UNAVAILABLE);
  expect((await sink.next()).metadata.get("authorization")).toEqual(["Bearer token-2"]);
  server.signal("SIGTERM");
  expect(await server.ended()).toMatchObject({ code: 0 });
});

test("a sink that can't be verified gets no token", async () => {
  useEnvironment(metadata.environment(folder.path));
  await using server = await GalleyProcess.start("samples", ...flags());
  const { reason } = await server.record(({ msg }) => msg === "the stream to a sink ended; it is called again");
  expect(reason).toMatch(/certificate/u);
  expect(sink.opened).toBe(0);
});

test("without credentials the start fails, and says what to do", async () => {
  useEnvironment(noGoogle(folder.path));
  const ports = ["--server-address=tcp://127.0.0.1:0", "--monitoring-port=0", "--ctrlz-port=0"];
  const { code, stderr } = await runGalley("server", "--insecure", "--config-path=samples", ...ports, ...flags());
  expect(code).toBe(1);
  expect(stderr).toMatch(/there are no Google credentials to call sinks with: .*\[GLY_SINK_CREDENTIALS\]/u);
  expect(stderr).toMatch(/hint: .*GOOGLE_APPLICATION_CREDENTIALS/u);
});
