import * as grpc from "@grpc/grpc-js";
import { expect, test } from "vitest";
import { type Certificate, issue } from "../../src/grpc/testing/certificates.ts";
import { SOURCE_STREAM } from "../../src/mcp/protocol.ts";
import type { ClientTls } from "../../src/grpc/dial/tls.ts";
import { ScriptedServer } from "./peers/grpc-server.ts";
import { TestSink } from "./peers/test-sink.ts";

// TLS of a sink that dials, against servers of @grpc/grpc-js.

const ca = issue({ name: "ca", authority: true });
const stranger = issue({ name: "another ca", authority: true });
const galley = issue({ name: "galley", issuer: ca, dns: ["istio-galley.istio-system.svc"] });
const own = issue({ name: "sink", issuer: ca, uris: ["spiffe://cluster.local/ns/istio-system/sa/istio-pilot"] });

function serve(certificate: Certificate, mutual: boolean): Promise<ScriptedServer> {
  const pair = { private_key: Buffer.from(certificate.key), cert_chain: Buffer.from(certificate.cert) };
  const credentials = grpc.ServerCredentials.createSsl(Buffer.from(ca.cert), [pair], mutual);
  return ScriptedServer.start(SOURCE_STREAM, { credentials });
}

// The servers listen on an address that no certificate of theirs names.
const trusting: ClientTls = { ca: ca.cert, serverName: "istio-galley.istio-system.svc" };
const mutual: ClientTls = { ...trusting, cert: own.cert, key: own.key };

test("mutual TLS from PEM text and from buffers reaches a source that asks for a certificate", async () => {
  await using source = await serve(galley, true);
  const buffers = { ...mutual, ca: [Buffer.from(stranger.cert), Buffer.from(ca.cert)], key: Buffer.from(own.key) };
  for (const tls of [mutual, buffers]) {
    await using sink = new TestSink(source.address, { tls });
    const call = await source.next();
    call.sendHeaders();
    await sink.event("connected");
  }
});

test.each([
  ["a source of another authority", { ...mutual, ca: stranger.cert }],
  ["a source of another name", { ...mutual, serverName: "elsewhere" }],
  ["a source that asks for the certificate that there is none of", trusting],
])("%s is not talked to, and tried again later", async (_what, tls) => {
  await using source = await serve(galley, true);
  await using sink = new TestSink(source.address, { tls });
  expect(await sink.event("disconnected")).toMatchObject({ code: grpc.status.UNAVAILABLE });
  await sink.event("disconnected");
  expect(source.opened).toBe(0);
});

test("a source that is dialled by its address must be certified for it, and is sent no name", async () => {
  const warnings: Error[] = [];
  const note = (warning: Error): void => void warnings.push(warning);
  process.on("warning", note);
  const local = issue({ name: "local", issuer: ca, ips: [[127, 0, 0, 1]] });
  const elsewhere = issue({ name: "elsewhere", issuer: ca, ips: [[10, 0, 0, 1]], dns: ["127.0.0.1"] });
  await using source = await serve(local, false);
  await using sink = new TestSink(source.address, { tls: { ca: ca.cert } });
  (await source.next()).sendHeaders();
  await sink.event("connected");
  await using other = await serve(elsewhere, false);
  await using misled = new TestSink(other.address, { tls: { ca: ca.cert } });
  const { message } = await misled.event("disconnected");
  expect(message).toContain("127.0.0.1 is not in the cert's list");
  process.off("warning", note);
  expect(warnings).toEqual([]);
});

test("settings from a function are asked for anew at each connection, so that renewed certificates are taken up", async () => {
  await using source = await serve(galley, true);
  const answers = [
    () => Promise.reject(new Error("no such file")),
    () => ({ ...mutual, key: stranger.key }),
    () => Promise.resolve(mutual),
  ];
  let asked = 0;
  await using sink = new TestSink(source.address, { tls: () => answers[asked++]!() });
  expect(await sink.event("disconnected")).toMatchObject({ code: 14, message: "no TLS credentials: no such file" });
  expect(await sink.event("disconnected")).toMatchObject({
    code: 14,
    message: expect.stringMatching(/does not belong/),
  });
  const call = await source.next();
  call.sendHeaders();
  await sink.event("connected");
  expect(asked).toBe(3);
});

test("a function that never answers doesn't keep the sink from being stopped", async () => {
  const sink = new TestSink("127.0.0.1:1", { tls: () => new Promise(() => undefined) });
  await sink.event("connecting");
  sink.stop();
  await sink.ended;
});

test("a certificate without its key is refused at once", async () => {
  await expect(new TestSink("127.0.0.1:1", { tls: { cert: own.cert } }).ended).rejects.toThrow("given together");
});
