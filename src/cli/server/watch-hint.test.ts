import { X509Certificate } from "node:crypto";
import { expect, test } from "vitest";
import { issue, type CertificateSpec } from "../../grpc/testing/certificates.ts";
import { watchHint } from "./watch-hint.ts";

const files = { caCertFile: "root-cert.pem" };
const own = "--ca-cert-file=root-cert.pem --tls-cert-file=SINK.pem --tls-key-file=SINK-KEY.pem";

function hint(address: string, names: Omit<CertificateSpec, "name">): string {
  return watchHint(address, files, new X509Certificate(issue({ name: "galley", ...names }).cert));
}

test("in plaintext nothing but the address is needed, and not even that where it is the usual one", () => {
  expect(watchHint("tcp://127.0.0.1:9901", files, undefined)).toBe("npx galley watch");
  expect(watchHint("tcp://127.0.0.1:1234", files, undefined)).toBe("npx galley watch --server=127.0.0.1:1234");
  expect(watchHint("unix:///run/galley", files, undefined)).toBe("npx galley watch --server=unix:///run/galley");
});

test.each([
  ["tcp://127.0.0.1:9901", { dns: ["galley.example", "localhost"] }, "--server=localhost:9901"],
  ["tcp://0.0.0.0:9901", { dns: ["localhost"] }, "--server=localhost:9901"],
  ["tcp://[::]:9901", { dns: ["localhost"] }, "--server=localhost:9901"],
  ["tcp://0.0.0.0:9901", { dns: ["galley.example"] }, "--server=0.0.0.0:9901 --server-name=galley.example"],
  ["tcp://10.1.2.3:9901", { dns: ["localhost"] }, "--server=10.1.2.3:9901 --server-name=localhost"],
  ["unix:///run/galley", { dns: ["galley.example"] }, "--server=unix:///run/galley --server-name=galley.example"],
  ["tcp://127.0.0.1:9901", { uris: ["spiffe://a/b"] }, "--server=127.0.0.1:9901"],
])("over TLS, at %s with a certificate of %j, the hint is %s and files", (address, names, expected) => {
  expect(hint(address, names)).toBe(`npx galley watch ${expected} ${own}`);
});

test("a path that a shell would take apart is quoted", () => {
  const certificate = new X509Certificate(issue({ name: "galley", dns: ["localhost"] }).cert);
  expect(watchHint("tcp://127.0.0.1:1", { caCertFile: "it's here/root.pem" }, certificate)).toContain(
    `--ca-cert-file='it'\\''s here/root.pem'`,
  );
});
