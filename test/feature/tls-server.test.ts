import * as grpc from "@grpc/grpc-js";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { TestFolder } from "../../src/grpc/credentials/testing/folder.ts";
import { codes } from "../../src/grpc/status.ts";
import { issue, type Certificate } from "../../src/grpc/testing/certificates.ts";
import { GalleyProcess, runGalley } from "../support/galley-process.ts";
import { RawSink } from "../support/raw-sink.ts";
import { authority, credentialFiles, serverCertificate, sinkCredentials } from "../support/secure-server.ts";

// `galley server` in a process of its own, with certificates and an access list in files.

const gateways = "istio/networking/v1alpha3/gateways";
const id = "spiffe://cluster.local/ns/istio-system/sa/istio-pilot-service-account";
const pilot = issue({ name: "pilot", issuer: authority, uris: [id] });
const mixer = issue({ name: "mixer", issuer: authority, uris: [`${id}-of-another`] });

let folder: TestFolder;
let flags: string[];
const open: Disposable[] = [];

beforeEach(async () => {
  folder = await TestFolder.make();
  flags = [
    `--tls-cert-file=${folder.at("cert-chain.pem")}`,
    `--tls-key-file=${folder.at("key.pem")}`,
    `--ca-cert-file=${folder.at("root-cert.pem")}`,
    `--access-list-file=${folder.at("list.yaml")}`,
  ];
  for (const [name, text] of Object.entries(credentialFiles(serverCertificate("galley"))))
    await folder.write(name, text);
});
afterEach(async () => {
  for (const one of open.splice(0)) one[Symbol.dispose]();
  await folder[Symbol.asyncDispose]();
});

async function start(): Promise<GalleyProcess> {
  return await GalleyProcess.start("samples", "--insecure=false", ...flags);
}

function addressOf(server: GalleyProcess): string {
  return server.address.replace("127.0.0.1", "localhost");
}

function dial(server: GalleyProcess, own: Certificate | undefined): RawSink {
  const sink = new RawSink(addressOf(server), sinkCredentials(own));
  open.push(sink);
  sink.send({ collection: gateways });
  return sink;
}

/** The code that the standard health check ends with. */
async function checkHealth(server: GalleyProcess, own: Certificate): Promise<number> {
  const client = new grpc.Client(addressOf(server), sinkCredentials(own));
  open.push({ [Symbol.dispose]: () => client.close() });
  return await new Promise((resolve) => {
    const bytes = (buffer: Buffer): Buffer => buffer;
    const done = (error: grpc.ServiceError | null): void => resolve(error?.code ?? grpc.status.OK);
    client.makeUnaryRequest("/grpc.health.v1.Health/Check", bytes, bytes, Buffer.alloc(0), done);
  });
}

describe("a start", () => {
  async function fail(): Promise<{ code: number | null; stderr: string }> {
    return await runGalley(
      "server",
      "--config-path=samples",
      "--server-address=tcp://127.0.0.1:0",
      "--monitoring-port=0",
      "--ctrlz-port=0",
      ...flags,
    );
  }

  test("without certificates ends with what to do", async () => {
    for (const name of ["cert-chain.pem", "key.pem", "root-cert.pem"]) await folder.remove(name);
    const { code, stderr } = await fail();
    expect(code).toBe(1);
    expect(stderr).toMatch(/there are no certificates to serve with: .*root-cert\.pem.* don't exist \[GLY_NO_TLS\]/u);
    expect(stderr).toMatch(/hint: .*--tls-cert-file.*--insecure serves plaintext/u);
  });

  test("with a key of another certificate names both files", async () => {
    await folder.write("key.pem", pilot.key);
    const { code, stderr } = await fail();
    expect(code).toBe(1);
    expect(stderr).toMatch(/the private key in .*key\.pem does not belong to the certificate in .*cert-chain\.pem/u);
  });

  test("with an access list that is none says where it is wrong", async () => {
    await folder.write("list.yaml", "allow:\n- a: [\n");
    const { code, stderr } = await fail();
    expect(code).toBe(1);
    expect(stderr).toMatch(/access list .*list\.yaml can't be used: line \d, column \d+: .*\[GLY_ACCESS_LIST\]/u);
  });
});

test("a server serves those on its list, tells its health to every verified sink, and follows its files", async () => {
  await folder.write("list.yaml", `allow: [${id}]`);
  await using server = await start();
  await server.ready();
  expect(server.stderr).toContain("(TLS, this machine only)");

  const sink = dial(server, pilot);
  expect((await sink.next()).resources.length).toBeGreaterThan(0);
  expect(await dial(server, mixer).status).toMatchObject({ code: codes.Unauthenticated });
  expect(await dial(server, undefined).status).toMatchObject({ code: codes.Unavailable });
  expect(await checkHealth(server, mixer)).toBe(grpc.status.OK);

  await folder.write("list.yaml", `block: [${id}]`);
  server.signal("SIGUSR1");
  expect(await sink.status).toMatchObject({
    code: codes.Unauthenticated,
    details: `Authentication failure: id is blacklisted: ${id}`,
  });
  await server.record(({ msg }) => msg === "connections ended: their peers may no longer be served");
  expect((await dial(server, mixer).next()).collection).toBe(gateways);
  server.signal("SIGTERM");
  expect(await server.ended()).toMatchObject({ code: 0 });
});

test("what keeps sinks out and what comes of changed files shows in the metrics", async () => {
  await folder.write("list.yaml", `allow: [${id}]`);
  await using server = await start();
  await server.ready();
  const before = await samples(server);
  expect(before).toMatchObject({ galley_connections: 0, galley_waiting_streams: 0 });
  expect(before['galley_certificate_expiry_timestamp_seconds{certificate="server"}']).toBe(Date.UTC(2049) / 1000);
  expect(before['galley_reloads_total{what="credentials",result="failed"}']).toBe(0);

  await dial(server, pilot).next();
  await dial(server, mixer).status;
  await dial(server, undefined).status;
  expect(await samples(server)).toMatchObject({
    galley_connections: 2,
    'galley_tls_handshakes_total{how="full"}': 2,
    'galley_refused_streams_total{reason="not-allowed"}': 1,
    'galley_refused_connections_total{reason="certificate"}': 1,
  });

  await folder.write("list.yaml", `block: [${id}]`);
  await folder.write("key.pem", "no key");
  server.signal("SIGUSR1");
  await server.record(({ msg }) => msg.startsWith("new TLS credentials refused"));
  await folder.write("list.yaml", "{");
  for (const [name, text] of Object.entries(credentialFiles(issue({ name: "new", issuer: authority, years: 10 }))))
    await folder.write(name, text);
  server.signal("SIGUSR1");
  await server.record(({ msg }) => msg.startsWith("the TLS files can be used again"));
  await server.record(({ msg }) => /^the access list .* can't be used/u.test(msg));
  expect(await samples(server)).toMatchObject({
    'galley_reloads_total{what="credentials",result="ok"}': 1,
    'galley_reloads_total{what="credentials",result="failed"}': 1,
    'galley_reloads_total{what="access-list",result="ok"}': 1,
    'galley_reloads_total{what="access-list",result="failed"}': 1,
    'galley_refused_streams_total{reason="blocked"}': 1,
    'galley_certificate_expiry_timestamp_seconds{certificate="server"}': Date.UTC(2030) / 1000,
  });
});

test("an expired certificate does not take the place of a good one: sinks are served on, and the problem is listed", async () => {
  await using server = await start();
  await server.ready();
  const expired = issue({ name: "expired", issuer: authority, dns: ["localhost"], years: 1 });
  for (const [name, text] of Object.entries(credentialFiles(expired))) await folder.write(name, text);
  server.signal("SIGUSR1");
  const { msg } = await server.record((record) => record.msg.startsWith("new TLS credentials refused"));
  expect(msg).toMatch(/expired on 2021-01-01 00:00 UTC; put one there that is valid; the old ones stay in service$/u);
  expect((await dial(server, pilot).next()).collection).toBe(gateways);
  expect(await problems(server)).toMatchObject([{ severity: "error", code: "tls-refused", source: "tls" }]);

  for (const [name, text] of Object.entries(credentialFiles(serverCertificate("new")))) await folder.write(name, text);
  server.signal("SIGUSR1");
  await server.record((record) => record.msg.startsWith("the TLS files can be used again"));
  expect((await dial(server, pilot).next()).collection).toBe(gateways);
  expect(await problems(server)).toEqual([]);
});

test("an access list that was spoiled leaves the last one in force, and is listed among the problems until it is mended", async () => {
  await folder.write("list.yaml", `allow: [${id}]`);
  await using server = await start();
  await server.ready();
  await folder.write("list.yaml", Buffer.from("block: [spiffe://\xe9]", "latin1"));
  server.signal("SIGUSR1");
  const { msg } = await server.record((record) => record.msg.includes("can't be used"));
  expect(msg).toMatch(
    /^the access list .*list\.yaml can't be used: line 1, column 18: the byte 0xe9 is not UTF-8; save the file as UTF-8; the last one stays in force, for 1 identity and nobody else$/u,
  );
  expect((await dial(server, pilot).next()).collection).toBe(gateways);
  expect(await problems(server)).toMatchObject([
    { severity: "error", code: "access-list-refused", source: "access-list" },
  ]);

  await folder.remove("list.yaml");
  server.signal("SIGUSR1");
  await server.record((record) => record.msg.includes("list.yaml is gone"));
  expect(await problems(server)).toEqual([]);
  expect(await problems(server, "warning")).toMatchObject([{ code: "access-list-refused" }]);

  await folder.write("list.yaml", `allow: [${id}]`);
  server.signal("SIGUSR1");
  await server.record((record) => record.msg === "mended");
  expect(await problems(server, "warning")).toEqual([]);
});

test("galley watch is served with the flags that the server names, and else says what is wrong", async () => {
  await folder.write("list.yaml", `allow: [${id}]`);
  await folder.write("pilot.pem", pilot.cert);
  await folder.write("pilot-key.pem", pilot.key);
  await using server = await start();
  await server.ready();
  const hint = /look at it\s+npx galley (.*)/u.exec(server.stderr)![1]!;
  expect(hint).toBe(
    `watch --server=${addressOf(server)} --ca-cert-file=${folder.at("root-cert.pem")} --tls-cert-file=SINK.pem --tls-key-file=SINK-KEY.pem`,
  );
  const flagged = hint.replace("SINK.pem", folder.at("pilot.pem")).replace("SINK-KEY.pem", folder.at("pilot-key.pem"));
  const seen = await runGalley(...flagged.split(" "), "gateways", "--once", "-o=json");
  expect(seen).toMatchObject({ code: 0, stderr: "" });
  expect(JSON.parse(seen.stdout.split("\n")[0]!)).toMatchObject({ collection: gateways });

  const watch = ["watch", `--server=${addressOf(server)}`, "gateways", "--once", "--timeout=1500ms"];
  const bare = await runGalley(...watch);
  expect(bare.code).toBe(1);
  expect(bare.stderr).toMatch(/Failed to connect; trying again .*\nhint: if the server has TLS, give --ca-cert-file/u);
  const unknown = await runGalley(...watch, `--ca-cert-file=${folder.at("root-cert.pem")}`);
  expect(unknown.stderr).toMatch(/\[GLY_TIMEOUT\]\n *hint: the server wants to know who connects/u);
  const byAddress = await runGalley(
    ...watch,
    `--server=${server.address}`,
    `--ca-cert-file=${folder.at("root-cert.pem")}`,
  );
  expect(byAddress.stderr).not.toContain("DeprecationWarning");
  const wrong = await runGalley(...watch, "--ca-cert-file=/no/such/file");
  expect(wrong.stderr).toMatch(/error: there is no file \/no\/such\/file with the authorities \[GLY_NO_TLS\]/u);
}, 60_000);

/** The errors that the server lists. */
async function problems(server: GalleyProcess, severity = "error"): Promise<unknown> {
  const response = await fetch(`${server.introspectionUrl}/api/v1/problems?severity=${severity}`);
  return ((await response.json()) as { readonly items: unknown }).items;
}

/** What the server's metrics say, by series. */
async function samples(server: GalleyProcess): Promise<Record<string, number>> {
  const response = await fetch(`${server.monitoringUrl}/metrics`);
  const lines = (await response.text()).split("\n").filter((line) => line.startsWith("galley_"));
  return Object.fromEntries(
    lines.map((line): [string, number] => {
      const at = line.lastIndexOf(" ");
      return [line.slice(0, at), Number(line.slice(at + 1))];
    }),
  );
}
