import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect as connectTls, type TLSSocket } from "node:tls";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Clock, systemClock } from "../lib/clock.ts";
import { ManualClock } from "../lib/manual-clock.ts";
import type { Limits } from "./limits.ts";
import type { Peer } from "./method.ts";
import { issue } from "./testing/certificates.ts";
import { serve, type TestServer } from "./testing/harness.ts";
import { frameTypes } from "./testing/raw-client.ts";

const authority = issue({ name: "authority", authority: true });
const galley = issue({ name: "galley", issuer: authority, dns: ["localhost"] });
const sink = issue({ name: "sink", issuer: authority, uris: ["spiffe://sink"] });
const outsider = issue({ name: "outsider", issuer: authority, uris: ["spiffe://outsider"] });
const tls = { cert: galley.cert, key: galley.key, ca: authority.cert, requestCert: true };

const open: Socket[] = [];
afterEach(() => {
  for (const socket of open.splice(0)) socket.destroy();
});

function serveTls(limits: Partial<Limits>): Promise<TestServer> {
  return serve([], { tls, limits });
}

/** Connects and says nothing. */
async function idle({ server: { address } }: TestServer): Promise<Socket> {
  const socket = connect(address.kind === "unix" ? { path: address.path } : { port: address.port, host: address.host });
  open.push(socket);
  socket.on("error", () => undefined);
  await once(socket, "connect");
  return socket;
}

/** Shakes hands and begins HTTP/2. */
async function settle({ server: { address } }: TestServer, { cert, key } = sink): Promise<TLSSocket> {
  const where = address.kind === "unix" ? { path: address.path } : { port: address.port };
  const socket = connectTls({ ...where, servername: "localhost", ca: authority.cert, cert, key });
  open.push(socket);
  socket.on("error", () => undefined);
  socket.write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0");
  await once(socket, "data");
  return socket;
}

/** The same as soon as the server has noticed that there is room again. */
async function settleEventually(test: TestServer): Promise<TLSSocket> {
  for (;;) {
    const socket = await settle(test).catch(() => undefined);
    if (socket !== undefined) return socket;
  }
}

/** Resolves when there are so many connections. */
async function connected({ server }: TestServer, count: number): Promise<void> {
  while (server.connections !== count) await new Promise((resolve) => setImmediate(resolve));
}

function closed(socket: Socket): Promise<unknown> {
  socket.resume();
  return socket.closed ? Promise.resolve() : new Promise((resolve) => socket.once("close", resolve));
}

async function refusal(test: TestServer): Promise<unknown> {
  await test.log.until(() => test.log.at("info").length > 0);
  return test.log.at("info")[0];
}

describe("a TLS server", () => {
  it("cuts off a handshake that takes too long, even one that goes on byte by byte", async () => {
    await using test = await serveTls({ handshakeMs: 1_000 });
    const [silent, busy] = [await idle(test), await idle(test)];
    // The head of a ClientHello of 400 bytes, and then a drop at a time.
    busy.write(Buffer.from([0x16, 3, 1, 1, 0x90, 1, 0, 1, 0x8c]));
    const drip = setInterval(() => busy.write(Buffer.from([0])), 200);
    await Promise.all([closed(silent), closed(busy)]);
    clearInterval(drip);
    expect(await refusal(test)).toMatchObject({
      fields: { reason: "the TLS handshake failed: TLS handshake timeout" },
    });
  });

  it("lets a connection be silent after its handshake for longer than that", async () => {
    await using test = await serveTls({ handshakeMs: 1_000 });
    const settled = await settle(test);
    await closed(await idle(test));
    expect([settled.closed, test.server.connections]).toEqual([false, 1]);
  });

  it("has room for so many handshakes, which those who are past theirs don't count against", async () => {
    await using test = await serveTls({ maxHandshakes: 2 });
    for (let i = 0; i < 3; i++) await settle(test);
    const first = await idle(test);
    await idle(test);
    await closed(await idle(test));
    expect(await refusal(test)).toMatchObject({
      message: "connection refused",
      fields: {
        peer: expect.stringMatching(/^127\.0\.0\.1:\d+$/),
        reason: "too many TLS handshakes are under way",
      },
    });
    first.destroy();
    await settleEventually(test);
    expect(test.server.connections).toBe(4);
  });
});

describe("a TLS server on a unix socket, whose peers share one address", () => {
  let folder = "";
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "grpc-"));
  });
  afterEach(() => rm(folder, { recursive: true }));

  const serveUnix = (limits: Partial<Limits> = {}): Promise<TestServer> =>
    serve([], { tls, limits, address: { kind: "unix", path: join(folder, "galley.sock") } });

  it("has room for so many handshakes, which those who are past theirs don't count against", async () => {
    await using test = await serveUnix({ maxHandshakes: 2 });
    for (let i = 0; i < 3; i++) await settle(test);
    const first = await idle(test);
    await idle(test);
    await closed(await idle(test));
    expect(await refusal(test)).toMatchObject({
      fields: { peer: "unix", reason: "too many TLS handshakes are under way" },
    });
    first.destroy();
    await settleEventually(test);
    expect(test.server.connections).toBe(4);
  });

  it("stops without waiting for handshakes that are under way", async () => {
    const test = await serveUnix();
    const stuck = [await idle(test), await idle(test), await idle(test)];
    // What is not closed by then is waited for until this test has run out of time.
    await test.server.shutdown(1_000_000);
    await Promise.all(stuck.map(closed));
  });
});

describe("a server", () => {
  it("takes so many connections and closes one more at once, until one leaves", async () => {
    await using test = await serveTls({ maxConnections: 2 });
    const first = await settle(test);
    await settle(test);
    await closed(await idle(test));
    expect(await refusal(test)).toMatchObject({
      fields: { reason: "there are 2 connections, as many as there may be" },
    });
    first.destroy();
    await settleEventually(test);
    expect(test.server.connections).toBe(2);
  });

  it("keeps the last quarter of the places for those who may be served", async () => {
    const mayBeServed = ({ tls: shown }: Peer): boolean => shown?.uris.includes("spiffe://sink") === true;
    await using test = await serve([], { tls, limits: { maxConnections: 4 }, mayBeServed });
    for (let i = 0; i < 3; i++) await settle(test, outsider);
    void settle(test, outsider);
    expect(await refusal(test)).toMatchObject({
      fields: { reason: "the places that are left are for those who may be served" },
    });
    expect(test.server.connections).toBe(3);
    await settle(test);
    expect(test.server.connections).toBe(4);
  });

  it("without TLS takes so many connections too", async () => {
    await using test = await serve([], { limits: { maxConnections: 1 } });
    await idle(test);
    await closed(await idle(test));
    expect(await refusal(test)).toMatchObject({
      fields: { reason: "there are 1 connections, as many as there may be" },
    });
  });
});

describe("a peer that may no longer be served", () => {
  let blocked: string[];
  beforeEach(() => {
    blocked = ["spiffe://outsider"];
  });

  const mayBeServed = ({ tls: shown }: Peer): boolean => shown?.uris.some((uri) => blocked.includes(uri)) !== true;

  const serveSome = (clock: Clock = systemClock): Promise<TestServer> =>
    serve([], { tls, mayBeServed, clock, limits: { lingerMs: 1_000 } });

  it("loses its connection with a GOAWAY, and may come back as those do who never might", async () => {
    await using test = await serveSome();
    const [before, guest] = [await settle(test), await settle(test, outsider)];
    const received: Buffer[] = [];
    before.on("data", (chunk: Buffer) => received.push(chunk));
    blocked.push("spiffe://sink");
    test.server.recheck();
    await closed(before);
    await connected(test, 1);
    expect(Buffer.concat(received).includes(Buffer.from([0, 0, 8, frameTypes.goaway]))).toBe(true);
    expect(guest.closed).toBe(false);
    expect(test.log.at("info")).toMatchObject([
      { message: "connections ended: their peers may no longer be served", fields: { connections: 1 } },
    ]);
    const after = await settle(test);
    test.server.recheck();
    expect([after.closed, test.server.connections]).toEqual([false, 2]);
    blocked = [];
    test.server.recheck();
    blocked = ["spiffe://outsider"];
    test.server.recheck();
    await closed(guest);
    expect(after.closed).toBe(false);
  });

  it("loses it by force when it doesn't read", async () => {
    const clock = new ManualClock();
    await using test = await serveSome(clock);
    const deafOne = await settle(test);
    deafOne.pause();
    deafOne.removeAllListeners("end");
    blocked.push("spiffe://sink");
    test.server.recheck();
    clock.advance(2_000);
    await connected(test, 0);
  });
});
