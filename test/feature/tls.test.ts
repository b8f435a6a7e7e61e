import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { codes } from "../../src/grpc/status.ts";
import { issue, type Certificate } from "../../src/grpc/testing/certificates.ts";
import { RawSink, versions } from "../support/raw-sink.ts";
import {
  authority,
  credentialFiles,
  type SecureServer,
  type SecureServerOptions,
  serverCertificate,
  startSecureServer,
} from "../support/secure-server.ts";
import { A, FENCE } from "../support/test-server.ts";

// The numbers are those of the scenarios that docs/conformance.md lists.

const id1 = "spiffe://cluster.local/ns/istio-system/sa/istio-pilot-service-account";
const id2 = "spiffe://cluster.local/ns/istio-system/sa/istio-mixer-service-account";
const pilot = issue({ name: "pilot", issuer: authority, uris: [id1] });
const mixer = issue({ name: "mixer", issuer: authority, uris: [id2] });
const nameless = issue({ name: "nameless", issuer: authority });

const open: AsyncDisposable[] = [];
let plain: RawSink | undefined;

afterEach(async () => {
  plain?.[Symbol.dispose]();
  for (const one of open.splice(0).reverse()) await one[Symbol.asyncDispose]();
});

async function start(options: SecureServerOptions = {}): Promise<SecureServer> {
  const server = await startSecureServer(options);
  open.push(server);
  server.source.publish({ [A]: { a1: "1" } });
  return server;
}

type Own = Pick<Certificate, "cert" | "key">;

/** What comes of asking for a collection: what is in it, or the code and text of a refusal without a header or a message. */
async function ask(sink: RawSink): Promise<unknown> {
  sink.send({ collection: A });
  const answered = sink.next().then(versions, () => undefined);
  const content = await answered;
  if (content !== undefined) return content;
  const { code, details } = await sink.status;
  expect(sink.order).toEqual([]);
  return [code, details];
}

const served = { a1: "1" };

function refused(reason: string): unknown {
  return [codes.Unauthenticated, `Authentication failure: ${reason}`];
}

const noInfo = refused("denying by default: no auth info found");
const notAllowed = refused("no allowed identity found in peer's authentication info");

describe("52: with a list of who may connect", () => {
  let server: SecureServer;
  beforeEach(async () => {
    server = await start({ access: `allow: [${id1}]` });
  });

  test("a sink on it is served", async () => {
    expect(await ask(server.sink(pilot))).toEqual(served);
  });

  test.each([
    ["another sink", mixer],
    ["a sink without an identity", nameless],
    ["a sink whose DNS name reads like one", issue({ name: "dns", issuer: authority, dns: [id1] })],
    ["a sink whose e-mail address reads like one", issue({ name: "mail", issuer: authority, emails: [id1] })],
    ["a sink whose issuer has the identity", signedByPilot()],
  ])("%s is refused, and hears nothing else", async (_, own) => {
    expect(await ask(server.sink(own))).toEqual(notAllowed);
    expect(server.source.service.sinkCount).toBe(0);
  });

  test("a sink in plaintext is refused", async () => {
    plain = new RawSink(server.plainAddress);
    expect(await ask(plain)).toEqual(noInfo);
  });

  test("a refusal is logged with the identity", async () => {
    await ask(server.sink(mixer));
    expect(server.log.at("warn")).toMatchObject([
      {
        message: "a sink was refused: authentication failed",
        fields: { identities: id2, reason: "no allowed identity found in peer's authentication info", refusals: 1 },
      },
    ]);
  });
});

/** A certificate of its own identity, signed by an intermediate authority that has a listed one. */
function signedByPilot(): Own {
  const intermediate = issue({ name: "intermediate", issuer: authority, authority: true, uris: [id1] });
  const leaf = issue({ name: "leaf", issuer: intermediate, uris: [id2] });
  return { cert: leaf.cert + intermediate.cert, key: leaf.key };
}

describe("53: with a list of who may not connect", () => {
  let server: SecureServer;
  beforeEach(async () => {
    server = await start({ access: `isblacklist: true\nallowed: [${id1}]` });
  });

  test.each<[string, Own, unknown]>([
    ["a sink on it is refused", pilot, refused(`id is blacklisted: ${id1}`)],
    ["another sink is served", mixer, served],
    ["a sink without an identity is served", nameless, served],
    ["a sink whose issuer is on it is served", signedByPilot(), served],
  ])("%s", async (_, own, outcome) => {
    expect(await ask(server.sink(own))).toEqual(outcome);
  });

  test("a sink in plaintext is refused", async () => {
    plain = new RawSink(server.plainAddress);
    expect(await ask(plain)).toEqual(noInfo);
  });
});

describe("an access list that changes", () => {
  test("54: where there was none, refuses new sinks that it doesn't name, and ends their running streams", async () => {
    const server = await start();
    const [first, second] = [server.sink(pilot), server.sink(mixer)];
    expect([await ask(first), await ask(second)]).toEqual([served, served]);
    await server.folder.write("list.yaml", `allow: [${id1}]`);
    await server.access.look();
    expect(await second.status).toMatchObject({
      code: codes.Unauthenticated,
      details: "Authentication failure: no allowed identity found in peer's authentication info",
    });
    expect(await ask(server.sink(mixer))).toEqual(notAllowed);
    first.send({ collection: FENCE });
    expect(await first.next()).toMatchObject({ collection: FENCE });
    await server.source.sinks(1);
  });

  test("55: to what can't be parsed is still the one that is enforced", async () => {
    const server = await start({ access: `allow: [${id1}]` });
    await server.folder.write("list.yaml", `allow: ${id2}`);
    await server.access.look();
    expect(await ask(server.sink(mixer))).toEqual(notAllowed);
    expect(await ask(server.sink(pilot))).toEqual(served);
  });

  test("and whose file is removed is still the one that is enforced", async () => {
    const server = await start({ access: `block: [${id1}]` });
    await server.folder.remove("list.yaml");
    await server.access.look();
    expect(await ask(server.sink(pilot))).toEqual(refused(`id is blacklisted: ${id1}`));
  });
});

describe("certificates that change", () => {
  const newAuthority = issue({ name: "new authority", authority: true });
  const newPilot = issue({ name: "new pilot", issuer: newAuthority, uris: [id1] });

  test("56: the certificate first, are shown to new sinks when the key has followed; streams go on", async () => {
    const server = await start();
    const running = server.sink(pilot);
    expect(await ask(running)).toEqual(served);
    const replaced = serverCertificate("replaced", newAuthority);

    await server.folder.remove("cert-chain.pem");
    await server.folder.write("cert-chain.pem", replaced.cert);
    await server.credentials.look();
    expect(await ask(server.sink(pilot))).toEqual(served);
    expect(server.log.at("error")).toHaveLength(1);

    await server.folder.remove("key.pem");
    await server.folder.write("key.pem", replaced.key);
    await server.credentials.look();
    expect(await ask(server.sink(pilot, newAuthority))).toEqual(served);
    expect(await ask(server.sink(pilot))).toMatchObject([codes.Unavailable, expect.any(String)]);
    running.send({ collection: FENCE });
    expect(await running.next()).toMatchObject({ collection: FENCE });
  });

  test("57: those of authorities decide on new sinks, and on them alone", async () => {
    const server = await start();
    const running = server.sink(pilot);
    expect(await ask(running)).toEqual(served);
    expect(await ask(server.sink(newPilot))).toMatchObject([codes.Unavailable, expect.any(String)]);

    await server.folder.mount(credentialFiles(serverCertificate("galley"), newAuthority));
    await server.credentials.look();
    expect(await ask(server.sink(newPilot))).toEqual(served);
    expect(await ask(server.sink(pilot))).toMatchObject([codes.Unavailable, expect.any(String)]);
    running.send({ collection: FENCE });
    expect(await running.next()).toMatchObject({ collection: FENCE });
  });

  test("57: both the old and the new authority may vouch while sinks change over", async () => {
    const server = await start();
    const files = credentialFiles(serverCertificate("galley"));
    await server.folder.mount({ ...files, "root-cert.pem": authority.cert + newAuthority.cert });
    await server.credentials.look();
    expect([await ask(server.sink(pilot)), await ask(server.sink(newPilot))]).toEqual([served, served]);
  });
});

describe("a certificate that nobody vouches for", () => {
  test.each<[string, Own | undefined]>([
    ["none at all", undefined],
    ["one that signed itself", issue({ name: "stranger", uris: [id1] })],
    [
      "one of another authority",
      issue({ name: "x", issuer: issue({ name: "authority", authority: true }), uris: [id1] }),
    ],
    ["one that has expired", issue({ name: "old", issuer: authority, uris: [id1], years: 1 })],
    ["one of a sink that plays the authority", issue({ name: "x", issuer: pilot, uris: [id1] })],
  ])("gets a sink no stream: %s", async (_, own) => {
    const server = await start({ access: `allow: [${id1}]` });
    const sink = server.sink(own);
    expect(await ask(sink)).toMatchObject([codes.Unavailable, expect.any(String)]);
    expect(server.source.service.sinkCount).toBe(0);
  });
});

describe("a port that anybody can connect to", () => {
  async function dial(server: SecureServer, bytes?: Uint8Array): Promise<Socket> {
    const socket = connect(Number(server.address.split(":")[1]), "127.0.0.1");
    open.push({ [Symbol.asyncDispose]: async () => void socket.destroy() });
    socket.on("error", () => undefined);
    await once(socket, "connect");
    if (bytes !== undefined) socket.write(bytes);
    return socket.resume();
  }

  test("closes what isn't TLS, and serves on", async () => {
    const server = await start();
    const openings = [
      Buffer.from("GET / HTTP/1.1\r\n\r\n"),
      Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
      Buffer.alloc(100_000),
      Buffer.alloc(100_000, 0xff),
      Buffer.concat([Buffer.from([0x16, 3, 1, 0xff, 0xff]), Buffer.alloc(70_000, 1)]),
      Buffer.from([0x15, 3, 3, 0, 2, 2, 40]),
      Buffer.concat([Buffer.from([0x80, 0x2e, 1, 0, 2]), Buffer.alloc(100)]),
    ];
    for (const bytes of openings) {
      const socket = await dial(server, bytes);
      if (!socket.closed) await new Promise((resolve) => socket.once("close", resolve));
    }
    expect(await ask(server.sink(pilot))).toEqual(served);
  });

  test("serves sinks while many others dawdle over their handshake", async () => {
    const server = await start();
    for (let i = 0; i < 200; i++) await dial(server, i % 2 === 0 ? undefined : Buffer.from([0x16, 3, 1, 1, 0x90, 1]));
    expect(await ask(server.sink(pilot))).toEqual(served);
  });

  test("lets in as many at a time as it can take; the others wait, and those who may not come never do", async () => {
    const server = await start({ access: `allow: [${id1}]`, gate: { burst: 2, perSecond: 50, maxWaiting: 100 } });
    const strangers = Array.from({ length: 20 }, () => ask(server.sink(mixer)));
    expect(await Promise.all(strangers)).toEqual(strangers.map(() => notAllowed));
    expect(server.guard.waiting).toBe(0);
    const sinks = Array.from({ length: 12 }, () => ask(server.sink(pilot)));
    expect(await Promise.all(sinks)).toEqual(sinks.map(() => served));
    await server.source.sinks(12);
  });
});
