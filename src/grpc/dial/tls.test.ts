import { expect, test } from "vitest";
import { issue } from "../testing/certificates.ts";
import { channelCredentials, type ClientTls } from "./tls.ts";

const authority = issue({ name: "authority", authority: true });
const client = issue({ name: "client", issuer: authority });
const other = issue({ name: "other", issuer: authority });
const broken = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n";

test.each<[string, ClientTls | undefined]>([
  ["nothing: plaintext", undefined],
  ["the authorities of Node", {}],
  ["authorities as text", { ca: authority.cert }],
  ["authorities as bytes, after a byte order mark", { ca: Buffer.from(`\uFEFF${authority.cert}`) }],
  ["authorities as a list", { ca: [authority.cert, Buffer.from(other.cert)] }],
  ["a certificate and its key", { cert: client.cert + authority.cert, key: Buffer.from(client.key) }],
])("%s can be dialled with", (_, tls) => {
  expect(channelCredentials(tls)._isSecure()).toBe(tls !== undefined);
});

test.each<[string, ClientTls, string]>([
  ["a certificate without its key", { cert: client.cert }, "a certificate and its key are given together"],
  ["a key of another", { cert: client.cert, key: other.key }, "`key` can't be used: it does not belong to `cert`"],
  ["no certificate", { cert: "x", key: client.key }, "`cert` can't be used: it is no PEM"],
  ["a broken certificate", { cert: broken, key: client.key }, "`cert` can't be used: what it holds can't be read"],
  ["no key", { cert: client.cert, key: client.cert }, "`key` can't be used: it holds no private key in PEM"],
  [
    "a path instead of authorities",
    { ca: "/etc/certs/root.pem" },
    "`ca` can't be used: it is no PEM; give what stands in the file, not the path of it",
  ],
  ["empty authorities", { ca: "" }, "`ca` can't be used: it is no PEM"],
  ["an empty list", { ca: [] }, "`ca` can't be used: it is an empty list"],
  [
    "one good authority and one not",
    { ca: [authority.cert, client.key] },
    "`ca` can't be used: it holds no certificate in PEM",
  ],
])("%s can't, and it says what is wrong with which", (_, tls, message) => {
  expect(() => channelCredentials(tls)).toThrow(message);
});
