import { Client, credentials, status as grpcStatus, type ServiceError } from "@grpc/grpc-js";
import { once } from "node:events";
import { connect as connectTls, type ConnectionOptions, type TLSSocket } from "node:tls";
import { connect as connectHttp2 } from "node:http2";
import { connect } from "node:net";
import { describe, expect, it } from "vitest";
import { ManualClock } from "../lib/manual-clock.ts";
import { serve, type TestServer } from "./testing/harness.ts";
import { weak } from "./credentials/testing/weak.ts";
import { issue, type Certificate } from "./testing/certificates.ts";
import { frameTypes, rawFrame } from "./testing/raw-client.ts";
import { RecordingMethod } from "./testing/recording.ts";

const path = "/test.Probe/Stream";
const pilot = "spiffe://cluster.local/ns/istio-system/sa/istio-pilot-service-account";

const authority = issue({ name: "authority", authority: true });
const galley = issue({ name: "galley", issuer: authority, dns: ["galley.test", "localhost"] });
const sink = issue({ name: "sink", issuer: authority, uris: [pilot], dns: ["pilot"] });
const stranger = issue({ name: "stranger", uris: [pilot] });
const expired = issue({ name: "old", issuer: authority, uris: [pilot], years: 1 });
const mutual = { cert: galley.cert, key: galley.key, ca: authority.cert, requestCert: true };

/** Shakes hands and gives the socket, or the error that the handshake or the first read met. */
async function shake(test: TestServer, options: ConnectionOptions): Promise<TLSSocket | Error> {
  const socket = connectTls({
    port: test.port,
    ca: authority.cert,
    servername: "galley.test",
    ALPNProtocols: ["h2"],
    ...options,
  });
  const closed = new Promise<Error>((resolve) => socket.on("close", () => resolve(new Error("closed without a word"))));
  return await Promise.race([greet(socket), closed]);
}

async function greet(socket: TLSSocket): Promise<TLSSocket | Error> {
  try {
    await once(socket, "secureConnect");
    // A server's verdict on a client certificate comes after the client's own handshake is over (TLS 1.3).
    socket.write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0");
    await once(socket, "data");
    return socket;
  } catch (error) {
    return error as Error;
  }
}

function errorOf(result: TLSSocket | Error): string {
  if (result instanceof Error) return result.message;
  result.destroy();
  return "none";
}

function peerName(result: TLSSocket | Error): unknown {
  if (result instanceof Error) throw result;
  const name = result.getPeerCertificate().subject.CN;
  result.destroy();
  return name;
}

describe("a TLS server", () => {
  it("tells the handler who the peer is: the URIs of its own certificate", async () => {
    const method = new RecordingMethod(path, ({ stream }) => stream.end({ code: 0, message: "" }));
    await using test = await serve([method], { tls: mutual });
    const secure = credentials.createSsl(Buffer.from(authority.cert), Buffer.from(sink.key), Buffer.from(sink.cert));
    const client = new Client(`localhost:${test.port}`, secure);
    const call = client.makeBidiStreamRequest(
      path,
      (b: Buffer) => b,
      (b) => b,
    );
    call.on("data", () => undefined);
    const [ended] = (await once(call, "status")) as [ServiceError];
    expect(ended.code).toBe(grpcStatus.OK);
    expect(method.calls[0]!.stream.peer).toEqual({
      address: expect.stringMatching(/^127\.0\.0\.1:\d+$/),
      tls: { authorized: true, uris: [pilot] },
    });
    client.close();
  });

  it("speaks h2 over TLS 1.2 and 1.3", async () => {
    await using test = await serve([], { tls: mutual });
    for (const version of ["TLSv1.2", "TLSv1.3"] as const) {
      const { cert, key } = sink;
      const socket = await shake(test, { cert, key, minVersion: version, maxVersion: version });
      if (socket instanceof Error) throw socket;
      expect([socket.getProtocol(), socket.alpnProtocol]).toEqual([version, "h2"]);
      socket.destroy();
    }
  });

  it("takes a client that doesn't negotiate a protocol but speaks HTTP/2, as old gRPC clients do", async () => {
    await using test = await serve([], { tls: mutual });
    const { cert, key } = sink;
    expect(errorOf(await shake(test, { cert, key, ALPNProtocols: [] }))).toBe("none");
  });

  it.each<[string, RegExp, ConnectionOptions]>([
    ["no certificate", /peer did not return a certificate|turned down/, {}],
    [
      "a certificate of a stranger, whatever it says",
      /turned down: DEPTH_ZERO_SELF_SIGNED_CERT/,
      { cert: stranger.cert, key: stranger.key },
    ],
    [
      "TLS 1.1",
      /unsupported protocol/,
      { cert: sink.cert, key: sink.key, minVersion: "TLSv1.1", maxVersion: "TLSv1.1", ciphers: "DEFAULT@SECLEVEL=0" },
    ],
    [
      "a cipher suite that HTTP/2 forbids: no authenticated encryption",
      /no shared cipher/,
      {
        cert: sink.cert,
        key: sink.key,
        maxVersion: "TLSv1.2",
        ciphers: "ECDHE-ECDSA-AES128-SHA256:ECDHE-ECDSA-AES256-SHA",
      },
    ],
    ["another protocol", /no application protocol/, { cert: sink.cert, key: sink.key, ALPNProtocols: ["http/1.1"] }],
    ["an expired certificate", /turned down: CERT_HAS_EXPIRED/, { cert: expired.cert, key: expired.key }],
  ])("refuses a client with %s, and says why in the log", async (_, why, options) => {
    await using test = await serve([], { tls: mutual });
    expect(errorOf(await shake(test, options))).not.toBe("none");
    await test.log.until(() => test.log.at("info").length > 0);
    const peer: unknown = expect.stringMatching(/^127\.0\.0\.1:\d+$/);
    expect(test.log.at("info")[0]).toMatchObject({ message: "connection refused", fields: { peer } });
    expect(test.log.at("info")[0]!.fields["reason"]).toMatch(why);
    expect(test.server.connections).toBe(0);
  });

  it("without a demand for certificates takes anyone, and says that they proved nothing", async () => {
    const method = new RecordingMethod(path);
    await using test = await serve([method], { tls: { cert: galley.cert, key: galley.key } });
    const client = new Client(`localhost:${test.port}`, credentials.createSsl(Buffer.from(authority.cert)));
    client
      .makeBidiStreamRequest(
        path,
        (b: Buffer) => b,
        (b) => b,
      )
      .on("error", () => undefined);
    expect((await method.call()).stream.peer.tls).toEqual({ authorized: false, uris: [] });
    client.close();
  });

  it("closes a plaintext connection and goes on", async () => {
    await using test = await serve([], { tls: mutual });
    const socket = connect(test.port, "127.0.0.1");
    socket.on("error", () => undefined);
    const closed = new Promise((resolve) => socket.on("close", resolve));
    socket.resume();
    socket.write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
    await closed;
    expect(test.log.at("info")[0]!.fields["reason"]).toMatch(/^the TLS handshake failed: wrong version number/);
    expect(errorOf(await shake(test, { cert: sink.cert, key: sink.key }))).toBe("none");
  });

  it("keeps a silent peer for as long as it answers pings", async () => {
    const clock = new ManualClock();
    await using test = await serve([], { tls: mutual, clock });
    const { cert, key } = sink;
    const session = connectHttp2(`https://localhost:${test.port}`, { cert, key, ca: authority.cert });
    session.on("error", () => undefined);
    const roundTrip = (): Promise<unknown> => new Promise((resolve) => session.ping(resolve));
    await once(session, "connect");
    await roundTrip();
    await roundTrip();
    clock.advance(15_000);
    for (let i = 0; i < 3; i++) {
      const pinged = once(session, "ping");
      clock.advance(30_000);
      await pinged;
      await roundTrip();
      clock.advance(10_000);
    }
    expect(test.server.connections).toBe(1);
    session.destroy();
  });

  it("has no word for a peer that leaves before the handshake, as a port probe does", async () => {
    await using test = await serve([], { tls: mutual });
    for (let i = 0; i < 3; i++) {
      const probe = connect(test.port, "127.0.0.1");
      probe.on("error", () => undefined);
      await once(probe, "connect");
      await new Promise((resolve) => probe.on("close", resolve).end());
    }
    await shake(test, { cert: sink.cert, key: sink.key }).then(errorOf);
    expect(test.log.at("info")).toEqual([]);
  });

  it("shuts down at once although a handshake was never finished", async () => {
    const test = await serve([], { tls: mutual });
    const socket = connect(test.port, "127.0.0.1");
    socket.on("error", () => undefined);
    const closed = new Promise((resolve) => socket.on("close", resolve));
    await once(socket, "connect");
    await shake(test, { cert: sink.cert, key: sink.key }).then(errorOf);
    await test.server.shutdown(1e9);
    await closed;
  });
});

describe("new credentials", () => {
  it("are shown to new connections, and judge them, while open ones go on", async () => {
    const method = new RecordingMethod(path, (call) => (call.onMessage = (bytes) => void call.stream.send([bytes])));
    await using test = await serve([method], { tls: mutual });
    const root = Buffer.from(authority.cert);
    const old = new Client(
      `localhost:${test.port}`,
      credentials.createSsl(root, Buffer.from(sink.key), Buffer.from(sink.cert)),
    );
    const call = old.makeBidiStreamRequest(
      path,
      (b: Buffer) => b,
      (b) => b,
    );
    await method.call();

    const newAuthority = issue({ name: "new authority", authority: true });
    const newGalley = issue({ name: "new galley", issuer: newAuthority, dns: ["galley.test"] });
    const newSink = issue({ name: "new sink", issuer: newAuthority, uris: [pilot] });
    const pair = ({ cert, key }: Certificate): { cert: string; key: string } => ({ cert, key });
    expect(test.server.setCredentials({ ...pair(newGalley), ca: [newAuthority.cert] })).toEqual({ ok: true });

    expect(peerName(await shake(test, { ...pair(newSink), ca: newAuthority.cert }))).toBe("new galley");
    expect(errorOf(await shake(test, { ...pair(sink), ca: newAuthority.cert }))).not.toBe("none");
    call.write(Buffer.from("still here"));
    const [echoed] = (await once(call, "data")) as [Buffer];
    expect(echoed.toString()).toBe("still here");
    old.close();
    call.on("error", () => undefined);
    call.cancel();
  });

  it("that are unusable are refused with a reason, and the old ones stay", async () => {
    await using test = await serve([], { tls: mutual });
    const { cert, key, ca } = mutual;
    const reasons = [
      [{ cert, key: sink.key, ca }, "`key` can't be used: it does not belong to `cert`"],
      [{ cert: "/etc/certs/cert.pem", key, ca }, "`cert` can't be used: it is no PEM; give what stands in the file"],
      [{ cert: cert.replace("MII", "MIX"), key, ca }, "`cert` can't be used: what it holds can't be read"],
      [{ cert, key: "", ca }, "`key` can't be used: it is no PEM"],
      [{ cert, key: undefined as unknown as string, ca }, "`key` can't be used: it is neither text nor bytes"],
      [{ ...weak, ca }, "`cert` can't be used: OpenSSL turns it down (ee key too small); issue the certificate anew"],
      [{ cert, key, ca: key }, "`ca` can't be used: it holds no certificate in PEM"],
      [{ cert, key, ca: [] }, "`ca` can't be used: it is an empty list"],
      [{ cert, key, ca: [ca, cert.replace("MII", "MIX")] }, "`ca` can't be used: what it holds can't be read"],
      [{ cert, key }, "no authorities to verify them are given; `ca` takes them"],
    ] as const;
    for (const [bad, reason] of reasons) {
      const verdict = test.server.setCredentials(bad);
      expect(verdict.ok ? "" : verdict.reason).toContain(reason);
    }
    expect(peerName(await shake(test, { cert: sink.cert, key: sink.key }))).toBe("galley");
  });

  it("are refused by a plaintext server", async () => {
    await using test = await serve([]);
    expect(test.server.setCredentials(galley)).toMatchObject({ ok: false });
  });
});

describe("the credentials that a server starts with", () => {
  it("may come as bytes, and as a list of bundles", async () => {
    const bundle = Buffer.from(authority.cert + sink.cert);
    await using test = await serve([], { tls: { ...mutual, cert: Buffer.from(galley.cert), ca: [bundle] } });
    expect(peerName(await shake(test, { cert: sink.cert, key: sink.key }))).toBe("galley");
  });

  it("go without an authority that can't be read, but not without those after it", async () => {
    const ca = `-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n${authority.cert}`;
    await using test = await serve([], { tls: { ...mutual, ca } });
    expect(peerName(await shake(test, { cert: sink.cert, key: sink.key }))).toBe("galley");
  });

  it("are refused where they can't be used", async () => {
    await expect(serve([], { tls: { ...galley, requestCert: true } })).rejects.toThrow(
      "the TLS credentials are unusable: clients have to show certificates",
    );
    await expect(serve([], { tls: { cert: galley.cert, key: sink.key } })).rejects.toThrow(
      "the TLS credentials are unusable: `key` can't be used: it does not belong to `cert`",
    );
  });
});

it("frames that carry nothing are counted over TLS as well", async () => {
  const clock = new ManualClock();
  await using test = await serve([], { tls: mutual, clock, limits: { emptyBytesPerSecond: 10_000 } });
  const socket = await shake(test, { cert: sink.cert, key: sink.key });
  if (socket instanceof Error) throw socket;
  const received: Buffer[] = [];
  socket.on("data", (chunk: Buffer) => received.push(chunk));
  const priority = rawFrame(frameTypes.priority, 0, 3, Buffer.from([0, 0, 0, 0, 15]));
  socket.write(Buffer.concat(Array.from({ length: 2_000 }, () => priority)));
  const ping = Buffer.from("the last");
  socket.write(rawFrame(frameTypes.ping, 0, 0, ping));
  while (!Buffer.concat(received).includes(ping)) await once(socket, "data");
  clock.advance(1_000);
  await once(socket, "close");
  expect(test.log.at("warn").map(({ message }) => message)).toEqual([
    "too many frames that carry nothing: connection closed",
  ]);
});
