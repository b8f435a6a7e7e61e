import { connect as connectHttp2 } from "node:http2";
import { once } from "node:events";
import { connect, type ConnectionOptions, type SecureVersion } from "node:tls";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { DatedClock } from "./credentials/testing/clock.ts";
import { issue, type Certificate } from "./testing/certificates.ts";
import { PlainCall, serve, type TestServer } from "./testing/harness.ts";
import { RecordingMethod } from "./testing/recording.ts";
import { TICKET_LIFE_MS } from "./tickets.ts";

const path = "/test.Probe/Stream";
const id = "spiffe://cluster.local/ns/istio-system/sa/istio-pilot-service-account";
const authority = issue({ name: "authority", authority: true });
const galley = issue({ name: "galley", issuer: authority, dns: ["localhost"] });
// The years of a certificate begin with 2020.
const sink = issue({ name: "sink", issuer: authority, uris: [id], years: 8 });
const MINUTE_MS = 60_000;

/** What became of one connection and the call on it. */
interface Visit {
  readonly resumed: boolean;
  /** gRPC status of the call; -1 when the connection was closed before it. */
  readonly status: number;
  /** The ticket that came, if one did. */
  readonly session: Buffer | undefined;
}

async function visit(test: TestServer, options: ConnectionOptions): Promise<Visit> {
  const own = { ca: authority.cert, cert: sink.cert, key: sink.key };
  const socket = connect({ port: test.port, servername: "localhost", ALPNProtocols: ["h2"], ...own, ...options });
  let session: Buffer | undefined;
  socket.on("session", (ticket) => (session = ticket));
  // A socket that an HTTP/2 session was put on doesn't always close after an error.
  const closed = new Promise<undefined>((resolve) => {
    for (const event of ["error", "close"]) socket.on(event, () => resolve(undefined));
  });
  const secured = once(socket, "secureConnect").catch(() => undefined);
  if ((await Promise.race([secured, closed])) === undefined) return { resumed: false, status: -1, session };
  const resumed = socket.isSessionReused();
  const http2 = connectHttp2("https://localhost", { createConnection: () => socket });
  http2.on("error", () => undefined);
  const call = new PlainCall(http2.request({ ":method": "POST", ":path": path, "content-type": "application/grpc" }));
  const ended = await Promise.race([call.status(), closed]);
  http2.destroy();
  socket.destroy();
  await closed;
  // The server learns of it a moment later; until then its keepalive would act on the time that passes for it.
  await vi.waitUntil(() => test.server.connections === 0, { interval: 1 });
  return { resumed, status: ended?.code ?? -1, session };
}

let method: RecordingMethod;
let clock: DatedClock;
let observed: string[];
beforeEach(() => {
  method = new RecordingMethod(path, ({ stream }) => stream.end({ code: 0, message: "" }));
  clock = new DatedClock("2027-12-31T23:15:00Z");
  observed = [];
});

async function start(): Promise<TestServer> {
  const observer = {
    shookHands: (how: string) => void observed.push(how),
    refused: (why: string) => void observed.push(`refused: ${why}`),
    brokeOff: () => undefined,
  };
  const { cert, key } = galley;
  return await serve([method], { clock, observer, tls: { cert, key, ca: authority.cert, requestCert: true } });
}

describe.each<SecureVersion>(["TLSv1.2", "TLSv1.3"])("a ticket of %s", (version) => {
  const only = { minVersion: version, maxVersion: version };

  test("takes the place of the certificate: who comes back is the peer that was verified", async () => {
    await using server = await start();
    const { session, ...first } = await visit(server, only);
    expect(first).toEqual({ resumed: false, status: 0 });
    expect(await visit(server, { ...only, session: session! })).toMatchObject({ resumed: true, status: 0 });
    expect(observed).toEqual(["full", "resumed"]);
    expect(method.calls.map(({ stream }) => stream.peer.tls)).toEqual([
      { authorized: true, uris: [id] },
      { authorized: true, uris: [id] },
    ]);
  });

  test("says for how long it is good, before and after the credentials are replaced", async () => {
    await using server = await start();
    // [9] in the ASN.1 of a session: the lifetime that the server told, 3,600 s.
    const lifetime = Buffer.from([0xa9, 4, 2, 2, 0x0e, 0x10]);
    expect((await visit(server, only)).session!.includes(lifetime)).toBe(true);
    server.server.setCredentials({ cert: galley.cert, key: galley.key, ca: authority.cert });
    expect((await visit(server, only)).session!.includes(lifetime)).toBe(true);
  });

  test("is of no use once the credentials are replaced, even by the same", async () => {
    await using server = await start();
    const { session } = await visit(server, only);
    server.server.setCredentials({ cert: galley.cert, key: galley.key, ca: authority.cert });
    expect(await visit(server, { ...only, session: session! })).toMatchObject({ resumed: false, status: 0 });
  });

  test("leads nobody past authorities that are gone", async () => {
    await using server = await start();
    const { session } = await visit(server, only);
    const other = issue({ name: "other authority", authority: true });
    server.server.setCredentials({ cert: galley.cert, key: galley.key, ca: other.cert });
    expect(await visit(server, { ...only, session: session! })).toMatchObject({ resumed: false, status: -1 });
    expect(observed).toEqual(["full", "refused: certificate"]);
  });

  test("does not outlive the certificate that it stands for", async () => {
    await using server = await start();
    const { session } = await visit(server, only);
    clock.advance(44 * MINUTE_MS);
    expect(await visit(server, { ...only, session: session! })).toMatchObject({ resumed: true, status: 0 });
    clock.advance(2 * MINUTE_MS);
    expect(await visit(server, { ...only, session: session! })).toMatchObject({ status: -1 });
    expect(method.calls).toHaveLength(2);
    expect(observed).toEqual(["full", "resumed", "refused: certificate"]);
    expect(server.log.at("info")[0]).toMatchObject({
      message: "connection refused",
      fields: { reason: "the client certificate was turned down: CERT_HAS_EXPIRED" },
    });
  });

  test("is of no use when the keys that seal tickets were made anew", async () => {
    await using server = await start();
    const { session } = await visit(server, only);
    clock.advance(TICKET_LIFE_MS);
    expect(await visit(server, { ...only, session: session! })).toMatchObject({ resumed: false, status: 0 });
  });

  test("of another server is worth nothing", async () => {
    await using one = await start();
    await using other = await start();
    const { session } = await visit(one, only);
    expect(await visit(other, { ...only, session: session! })).toMatchObject({ resumed: false, status: 0 });
  });

  test.each<[string, Pick<Certificate, "cert" | "key"> | undefined]>([
    ["that is a stranger's", issue({ name: "stranger", uris: [id] })],
    ["that has expired", issue({ name: "old", issuer: authority, uris: [id], years: 1 })],
    ["that isn't there", undefined],
  ])("is not to be had with a certificate %s", async (_, own) => {
    await using server = await start();
    const shown = own === undefined ? { cert: "", key: "" } : { cert: own.cert, key: own.key };
    const { session, status } = await visit(server, { ...only, ...shown });
    expect(status).toBe(-1);
    if (session !== undefined) expect(await visit(server, { ...only, session })).toMatchObject({ resumed: false });
    expect(method.calls).toEqual([]);
  });
});

test("a ticket that was tampered with leads to a full handshake", async () => {
  await using server = await start();
  const { session } = await visit(server, { maxVersion: "TLSv1.2" });
  const ticket = session!.lastIndexOf(Buffer.from([0xaa, 0x82]));
  const spoiled = Buffer.from(session!);
  for (let at = ticket + 100; at < ticket + 110; at++) spoiled[at] = spoiled[at]! ^ 0xff;
  expect(await visit(server, { maxVersion: "TLSv1.2", session: spoiled })).toMatchObject({ resumed: false, status: 0 });
});
