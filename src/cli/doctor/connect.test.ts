import { createServer as createHttp1Server } from "node:http";
import { createSecureServer, createServer, type Http2SecureServer, type Http2Server } from "node:http2";
import { type AddressInfo, createServer as createTcpServer, type LookupFunction, type Server } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { issue } from "../../grpc/testing/certificates.ts";
import { tryConnections } from "./connect.ts";
import type { Finding } from "./finding.ts";
import { examineText } from "./testing/examine-text.ts";

const authority = issue({ name: "authority", authority: true });
const own = issue({ name: "galley", issuer: authority, dns: ["localhost", "galley.example"], ips: [[127, 0, 0, 1]] });

const closers: (() => void)[] = [];
afterAll(() => {
  for (const close of closers) close();
});

async function listening(server: Server | Http2Server | Http2SecureServer): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
  closers.push(() => server.close());
  return (server.address() as AddressInfo).port;
}

async function connect(port: number, tls = "", version = ""): Promise<Finding> {
  const text = `configSources:\n- address: xds://127.0.0.1:${port}\n${tls}`;
  const [finding, ...rest] = await tryConnections(examineText(text, { version }), { timeoutMs: 5_000 });
  expect(rest).toEqual([]);
  return finding!;
}

/** TLS settings in block style, with the authority where it is wanted. */
function simple(settings: readonly string[], hasAuthority = true): string {
  const pem = authority.cert
    .trim()
    .split("\n")
    .map((line) => `      ${line}\n`);
  const ca = hasAuthority ? `    caCertificates: |\n${pem.join("")}` : "";
  return `  tlsSettings:\n    mode: SIMPLE\n${settings.map((line) => `    ${line}\n`).join("")}${ca}`;
}

describe("a server of HTTP/2", () => {
  let [plain, secure] = [0, 0];
  beforeAll(async () => {
    plain = await listening(createServer());
    const server = createSecureServer({ cert: own.cert, key: own.key });
    server.on("sessionError", () => undefined);
    secure = await listening(server);
  });

  test("is reached in plaintext", async () => {
    expect(await connect(plain)).toMatchObject({
      id: "reached",
      severity: "info",
      path: ["configSources", 0, "address"],
      message: expect.stringContaining("answers in plaintext"),
    });
  });

  test("is reached with TLS, and its certificate verified as istiod would", async () => {
    for (const settings of [[], ["sni: galley.example"], ["subjectAltNames: [other.example, galley.example]"]]) {
      const { id, message } = await connect(secure, simple(settings), "1.26");
      expect([id, message]).toEqual([
        "reached",
        expect.stringMatching(/over TLSv1\.\d with a certificate that istiod would take/u),
      ]);
    }
  });

  test("is reached without a verdict on its certificate, where the authorities are in a secret or nobody asks", async () => {
    for (const settings of ["credentialName: z", "insecureSkipVerify: true"]) {
      expect(await connect(secure, simple([settings], false))).toMatchObject({
        id: "reached",
        message: expect.stringContaining("its certificate wasn't verified"),
      });
    }
  });

  test.each([
    ["of an authority that isn't known", simple([], false), "certificate"],
    ["for another name", simple(["sni: other.example"]), "other.example"],
    [
      "without any of the names that are to be in it",
      simple(["subjectAltNames: [other.example]"]),
      "none of subjectAltNames",
    ],
  ])("isn't taken with a certificate %s", async (_, tls, why) => {
    const finding = await connect(secure, tls, "1.26");
    expect(finding).toMatchObject({ id: "unreachable", severity: "error", message: expect.stringContaining(why) });
  });

  test("isn't reached in plaintext by an istiod that has no TLS, if it wants TLS", async () => {
    const finding = await connect(secure, simple([]), "1.25");
    expect(finding).toMatchObject({ id: "unreachable", message: expect.stringContaining("in plaintext") });
  });

  test("isn't reached with TLS if it has none", async () => {
    expect(await connect(plain, simple([]), "1.26")).toMatchObject({
      id: "unreachable",
      message: expect.stringContaining("with TLS"),
    });
  });
});

test("nothing is reached where nothing listens", async () => {
  const server = createTcpServer();
  const port = await listening(server);
  await new Promise((resolve) => server.close(resolve));
  expect(await connect(port)).toMatchObject({
    id: "unreachable",
    message: expect.stringContaining("nothing listens there"),
  });
});

test("what speaks something else isn't taken for a server", async () => {
  const port = await listening(createHttp1Server((_, response) => response.end("hello")));
  expect(await connect(port)).toMatchObject({ id: "unreachable", severity: "error" });
});

test("what closes, or says nothing, is given up", async () => {
  const closing = await listening(createTcpServer((socket) => socket.on("error", () => undefined).end()));
  expect(await connect(closing)).toMatchObject({ id: "unreachable" });
  const silent = createTcpServer((socket) => closers.push(() => socket.destroy()));
  const text = `configSources:\n- address: xds://127.0.0.1:${await listening(silent)}\n`;
  expect(await tryConnections(examineText(text), { timeoutMs: 50 })).toMatchObject([
    { id: "unreachable", message: expect.stringContaining("within 0.05 s") },
  ]);
});

test.each(["ENOTFOUND", "EAI_AGAIN"])(
  "a name that can't be looked up (%s) is a warning: it may be one of the cluster",
  async (code) => {
    const text = "configSources:\n- address: xds://galley.istio-system.svc:15010\n";
    const lookup: LookupFunction = (_host, _options, callback) =>
      callback(Object.assign(new Error("no such name"), { code }), "", 4);
    expect(await tryConnections(examineText(text), { timeoutMs: 5_000, lookup })).toMatchObject([
      { id: "unreachable", severity: "warning", remedy: expect.stringContaining("from a pod") },
    ]);
  },
);

test("a host that Go takes and nobody else does is told, not tried", async () => {
  const text = "configSources:\n- address: xds://1.2.3.256:15010\n";
  expect(await tryConnections(examineText(text), { timeoutMs: 5_000 })).toMatchObject([
    { id: "unreachable", message: expect.stringContaining("no host name") },
  ]);
});

test("every xds:// address is tried, and nothing else", async () => {
  const port = await listening(createServer());
  const addresses = [...Array.from({ length: 20 }, () => `xds://127.0.0.1:${port}`), "k8s://", "fs:///x", "bad"];
  const text = `configSources:\n${addresses.map((address) => `- address: ${address}\n`).join("")}`;
  const findings = await tryConnections(examineText(text), { timeoutMs: 5_000 });
  expect(findings.map(({ id, path }) => `${id} ${path[1]}`)).toEqual(
    Array.from({ length: 20 }, (_, i) => `reached ${i}`),
  );
});
