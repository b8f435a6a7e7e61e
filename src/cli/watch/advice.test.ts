import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { codes } from "../../grpc/status.ts";
import { issue, type Certificate } from "../../grpc/testing/certificates.ts";
import { serve, type TestServer } from "../../grpc/testing/harness.ts";
import type { ClientTls } from "../../grpc/dial/tls.ts";
import { runSink } from "../../mcp/sink/client.ts";
import { adviceOn, type Failure } from "./advice.ts";
import type { TlsFlags } from "./client-tls.ts";

// The words of a failure are those of Node, OpenSSL and grpc-js: here they come from connections that really fail.

const authority = issue({ name: "authority", authority: true });
const stranger = issue({ name: "stranger", authority: true });
const between = issue({ name: "between", issuer: authority, authority: true });
const own = issue({ name: "sink", issuer: authority });

const servers: TestServer[] = [];

async function secure(certificate: Certificate): Promise<number> {
  const { cert, key } = certificate;
  servers.push(await serve([], { tls: { cert, key, ca: authority.cert, requestCert: true } }));
  return servers.at(-1)!.port;
}

let good: number;
let plain: number;
beforeAll(async () => {
  good = await secure(issue({ name: "galley", issuer: authority, dns: ["localhost"] }));
  servers.push(await serve([]));
  plain = servers.at(-1)!.port;
});
afterAll(async () => {
  for (const server of servers) await server[Symbol.asyncDispose]();
});

/** How the first attempt at a stream ends. */
async function failure(port: number, tls: ClientTls | undefined): Promise<Failure> {
  const done = new AbortController();
  let end: Failure | undefined;
  await runSink({
    address: `localhost:${port}`,
    node: { id: "test" },
    collections: ["a"],
    signal: done.signal,
    ...(tls === undefined ? {} : { tls }),
    apply: () => undefined,
    onEvent(event) {
      if (event.kind !== "disconnected") return;
      end = event;
      done.abort();
    },
  });
  return end!;
}

function pair({ cert, key }: Certificate): ClientTls {
  return { cert, key };
}

/** The flags that lead to such settings. */
function flagsOf(tls: ClientTls): TlsFlags {
  return {
    insecure: "auto",
    caCertFile: tls.ca === undefined ? "" : "root.pem",
    tlsCertFile: tls.cert === undefined ? "" : "sink.pem",
    tlsKeyFile: tls.cert === undefined ? "" : "sink-key.pem",
    serverName: tls.serverName ?? "",
  };
}

async function advice(port: number, tls: ClientTls | undefined): Promise<string | undefined> {
  return adviceOn(await failure(port, tls), tls && flagsOf(tls));
}

const ca = authority.cert;

describe("what to do about a connection over TLS", () => {
  test.each<[string, () => number, ClientTls, RegExp]>([
    ["to a server of another authority", () => good, { ca: stranger.cert, ...pair(own) }, /no authority in root\.pem/],
    ["without the server's authority", () => good, pair(own), /with --ca-cert-file$/],
    ["without a certificate", () => good, { ca }, /show it a certificate with --tls-cert-file and --tls-key-file/],
    [
      "with the certificate of a stranger",
      () => good,
      { ca, ...pair(stranger) },
      /turned down the certificate in sink\.pem/,
    ],
    [
      "with an expired certificate",
      () => good,
      { ca, ...pair(issue({ name: "old", issuer: authority, years: 1 })) },
      /turned down the certificate in sink\.pem/,
    ],
    [
      "under a name that the server does not bear",
      () => good,
      { ca, ...pair(own), serverName: "x.y" },
      /--server-name$/,
    ],
    ["to a server in plaintext", () => plain, { ca, ...pair(own) }, /seems to speak plaintext: give --insecure/],
  ])("%s", async (_, port, tls, expected) => {
    expect(await advice(port(), tls)).toMatch(expected);
  });

  test("to a server whose certificate has expired", async () => {
    const port = await secure(issue({ name: "galley", issuer: authority, dns: ["localhost"], years: 1 }));
    expect(await advice(port, { ca, ...pair(own) })).toMatch(/has to be replaced there/);
  });

  test("to a server that leaves out a certificate in between, or signed its own", async () => {
    const leaf = issue({ name: "galley", issuer: between, dns: ["localhost"] });
    for (const shown of [leaf, issue({ name: "galley", dns: ["localhost"] })]) {
      expect(await advice(await secure(shown), { ca, ...pair(own) })).toMatch(/no authority in root\.pem: put there/);
    }
  });
});

test("a server with TLS is guessed at when a plaintext connection is closed", async () => {
  expect(await advice(good, undefined)).toMatch(/^if the server has TLS, give --ca-cert-file, and --tls-cert-file/);
});

test("a server that refuses a sink looks at its certificate", () => {
  const refused = { code: codes.Unauthenticated, message: "Authentication failure: no allowed identity found" };
  expect(adviceOn(refused, flagsOf({ ca, ...pair(own) }))).toMatch(/access list .* have one of sink\.pem listed/);
  expect(adviceOn(refused, undefined)).toMatch(/show it a certificate/);
});

test("where the message says it all, or nothing is known, there is none", async () => {
  for (const message of ["connect ECONNREFUSED 127.0.0.1:1", "server is shutting down", ""]) {
    for (const flags of [undefined, flagsOf({ ca })]) {
      expect(adviceOn({ code: codes.Unavailable, message }, flags)).toBeUndefined();
    }
  }
  expect(adviceOn(await failure(plain, undefined), undefined)).toBeUndefined();
});
