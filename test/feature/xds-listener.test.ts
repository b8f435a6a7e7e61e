import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import * as grpc from "@grpc/grpc-js";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { TestFolder } from "../../src/grpc/credentials/testing/folder.ts";
import {
  DiscoveryRequestSchema,
  type DiscoveryResponse,
  DiscoveryResponseSchema,
} from "../../src/wire/gen/envoy/service/discovery/v3/discovery_pb.ts";
import { GalleyProcess, runGalley } from "../support/galley-process.ts";
import { authority, credentialFiles, serverCertificate } from "../support/secure-server.ts";

// `galley server --xds-address`: the listener for clients that can't say who they are.

const METHOD = "/envoy.service.discovery.v3.AggregatedDiscoveryService/StreamAggregatedResources";
const GATEWAYS = "networking.istio.io/v1/Gateway";

let folder: TestFolder;
beforeEach(async () => {
  folder = await TestFolder.make();
});
afterEach(async () => {
  await folder[Symbol.asyncDispose]();
});

/** What a client without a certificate is answered: the first response, or the status that the stream ends with. */
async function ask(
  address: string,
  credentials = grpc.credentials.createInsecure(),
): Promise<DiscoveryResponse | grpc.StatusObject> {
  const client = new grpc.Client(address, credentials);
  try {
    return await new Promise((resolve) => {
      const stream = client.makeBidiStreamRequest(
        METHOD,
        (request: Uint8Array) => Buffer.from(request),
        (bytes) => fromBinary(DiscoveryResponseSchema, bytes),
      );
      stream.once("data", resolve);
      stream.once("status", resolve);
      stream.on("error", () => undefined);
      stream.write(
        toBinary(
          DiscoveryRequestSchema,
          create(DiscoveryRequestSchema, { node: { id: "sidecar~1" }, typeUrl: GATEWAYS, responseNonce: "made up" }),
        ),
      );
    });
  } finally {
    client.close();
  }
}

test("without --xds-address only the listener of the sinks serves xDS", async () => {
  await using server = await GalleyProcess.start("samples");
  await server.ready();
  expect(server.stderr).not.toContain("xDS");
  expect(await ask(server.address)).toMatchObject({ typeUrl: GATEWAYS, resources: [{}] });
});

test("a client of this machine is served in plaintext, and the banner says where and whom", async () => {
  await using server = await GalleyProcess.start("samples", "--xds-address=127.0.0.1:0");
  await server.ready();
  expect(server.stderr).toMatch(/xDS +tcp:\/\/127\.0\.0\.1:\d+ \(plaintext, this machine only\)/u);
  expect(await ask(server.xdsAddress)).toMatchObject({ typeUrl: GATEWAYS, nonce: "1", resources: [{}] });
});

test("the listener of sinks goes on to ask for certificates when there is one for xDS", async () => {
  for (const [name, text] of Object.entries(credentialFiles(serverCertificate("galley"))))
    await folder.write(name, text);
  await using server = await GalleyProcess.start(
    "samples",
    "--insecure=false",
    `--tls-cert-file=${folder.at("cert-chain.pem")}`,
    `--tls-key-file=${folder.at("key.pem")}`,
    `--ca-cert-file=${folder.at("root-cert.pem")}`,
    "--xds-address=127.0.0.1:0",
  );
  await server.ready();
  const anonymous = grpc.credentials.createSsl(Buffer.from(authority.cert));
  expect(await ask(server.address.replace("127.0.0.1", "localhost"), anonymous)).toMatchObject({
    code: grpc.status.UNAVAILABLE,
  });
  expect(await ask(server.xdsAddress)).toMatchObject({ typeUrl: GATEWAYS });
});

test("a client from another network is refused, and told that its address is not allowed", async () => {
  await using server = await GalleyProcess.start("samples", "--xds-address=127.0.0.1:0", "--xds-allow=10.0.0.0/8");
  await server.ready();
  expect(await ask(server.xdsAddress)).toMatchObject({
    code: grpc.status.UNAUTHENTICATED,
    details: "Authentication failure: the peer's address is in none of the allowed networks",
  });
});

test("with a certificate it is TLS that asks for none, and a new certificate is taken up", async () => {
  const first = serverCertificate("first");
  await folder.write("cert.pem", first.cert);
  await folder.write("key.pem", first.key);
  await using server = await GalleyProcess.start(
    "samples",
    "--xds-address=127.0.0.1:0",
    `--xds-tls-cert-file=${folder.at("cert.pem")}`,
    `--xds-tls-key-file=${folder.at("key.pem")}`,
  );
  await server.ready();
  expect(server.stderr).toContain("(TLS, this machine only)");
  const address = server.xdsAddress.replace("127.0.0.1", "localhost");
  const trusting = grpc.credentials.createSsl(Buffer.from(authority.cert));
  expect(await ask(address, trusting)).toMatchObject({ typeUrl: GATEWAYS });
  expect(await ask(server.xdsAddress)).toMatchObject({ code: grpc.status.UNAVAILABLE });

  const second = serverCertificate("second");
  await folder.write("cert.pem", second.cert);
  await folder.write("key.pem", second.key);
  await server.record(({ msg }) => msg.startsWith("TLS credentials replaced"));
  expect(await ask(address, trusting)).toMatchObject({ typeUrl: GATEWAYS });
});

describe("it is refused to start, with a remedy,", () => {
  test.each([
    [["--xds-address=0.0.0.0:0"], "GLY_VALUE", "--xds-allow=10.0.0.0/8"],
    [["--xds-address=127.0.0.1:0", "--xds-allow=10.0.0.0/33"], "GLY_VALUE", '"10.0.0.0/33" is not a network'],
    [["--xds-address=nowhere"], "GLY_VALUE", "host:port"],
    [["--xds-address=127.0.0.1:0", "--xds-tls-cert-file=x.pem"], "GLY_NO_TLS", "give both"],
    [
      ["--xds-address=127.0.0.1:0", "--xds-tls-cert-file=nothing.pem", "--xds-tls-key-file=nothing.pem"],
      "GLY_NO_TLS",
      "there is no such file",
    ],
  ])("with %j", async (flags, code, remedy) => {
    const { code: exit, stderr } = await runGalley(
      "server",
      "--insecure",
      "--config-path=samples",
      "--server-address=127.0.0.1:0",
      "--monitoring-port=0",
      "--ctrlz-port=0",
      ...flags,
    );
    expect(exit).not.toBe(0);
    expect(stderr).toContain(`[${code}]`);
    expect(stderr).toContain(remedy);
  });
});
