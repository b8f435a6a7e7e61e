import { generateKeyPairSync } from "node:crypto";
import { describe, expect, test } from "vitest";
import { issue } from "../testing/certificates.ts";
import type { CredentialLook, CredentialRole } from "./files.ts";
import { judgeCredentials, type CredentialVerdict } from "./judge.ts";
import type { FileLook } from "./look.ts";
import { weak } from "./testing/weak.ts";

const files = { ca: "/certs/root.pem", key: "/certs/key.pem", cert: "/certs/cert.pem" };
const authority = issue({ name: "authority", authority: true });
const other = issue({ name: "other authority", authority: true });
const galley = issue({ name: "galley", issuer: authority, dns: ["galley"] });
const stranger = issue({ name: "stranger" });

const good: Readonly<Record<CredentialRole, string>> = { ca: authority.cert, key: galley.key, cert: galley.cert };

function judge(changes: Partial<Record<CredentialRole, string | FileLook>>): CredentialVerdict {
  const all = { ...good, ...changes };
  const look = (content: string | FileLook): FileLook =>
    typeof content === "string" ? { kind: "bytes", bytes: Buffer.from(content) } : content;
  const looks = { ca: look(all.ca), key: look(all.key), cert: look(all.cert) };
  return judgeCredentials(files, { looks, mark: "" } satisfies CredentialLook);
}

function faultsOf(verdict: CredentialVerdict): string[] {
  return verdict.ok ? [] : verdict.faults.map(({ code, message }) => `${code}: ${message}`);
}

const broken = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n";
/** A file that was written in part: its disk was full. */
const cutOff = other.cert.slice(0, 200);

describe("credentials that can be used", () => {
  test("are given as they stand in the files", () => {
    const verdict = judge({});
    expect(verdict).toMatchObject({ ok: true, set: { cert: galley.cert, key: galley.key, ca: [authority.cert] } });
  });

  test("may have comments around them, other line ends, blank lines, and a chain", () => {
    const blank = other.cert.replace("\n-----END", "\n\n-----END");
    const ca = `the old one\n${authority.cert}\nthe new one\n${blank}`.replaceAll("\n", "\r\n");
    const verdict = judge({ ca, cert: `${galley.cert}${authority.cert}` });
    expect(verdict).toMatchObject({ ok: true, set: { authorities: { unusable: 0 } } });
    expect(verdict.ok && verdict.set.ca).toEqual([authority.cert, other.cert]);
    expect(verdict.ok && verdict.set.chain.certificates).toHaveLength(2);
  });

  test("go without an authority that can't be read, but not without those after it", () => {
    const verdict = judge({ ca: authority.cert + broken + other.cert });
    expect(verdict).toMatchObject({ ok: true, set: { authorities: { unusable: 1 } } });
    expect(verdict.ok && verdict.set.ca).toEqual([authority.cert, other.cert]);
  });

  test.each([
    ["last", authority.cert + cutOff],
    ["first", cutOff + authority.cert],
  ])("go without an authority that is cut off, as the %s one, and know that it is missing", (_, ca) => {
    const verdict = judge({ ca });
    expect(verdict).toMatchObject({ ok: true, set: { ca: [authority.cert], authorities: { unusable: 1 } } });
  });
});

describe("a fault", () => {
  const encrypted = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export({
    type: "pkcs8",
    format: "pem",
    cipher: "aes-256-cbc",
    passphrase: "secret",
  });
  const absent = { kind: "absent" } as const;
  const denied = { kind: "unreadable", why: "this process may not read it" } as const;

  test.each<[string, Partial<Record<CredentialRole, string | FileLook>>, string]>([
    ["a missing bundle", { ca: absent }, "ca-missing: the authorities in /certs/root.pem can't be used: there is no"],
    [
      "an unreadable bundle",
      { ca: denied },
      "ca-unreadable: the authorities in /certs/root.pem can't be used: this pro",
    ],
    ["an empty bundle", { ca: "" }, "ca-unusable: the authorities in /certs/root.pem can't be used: it holds no cert"],
    ["a bundle of garbage", { ca: broken }, "ca-unusable: the authorities in /certs/root.pem can't be used: what it h"],
    ["a key for a bundle", { ca: galley.key }, "ca-unusable: the authorities in /certs/root.pem can't be used: it ho"],
    ["a missing key", { key: absent }, "key-missing: the private key in /certs/key.pem can't be used: there is no"],
    ["an empty key", { key: "" }, "key-unusable: the private key in /certs/key.pem can't be used: it holds no private"],
    ["an encrypted key", { key: encrypted as string }, "key-unusable: the private key in /certs/key.pem can't be use"],
    ["a broken key", { key: galley.key.slice(0, 60) }, "key-unusable: the private key in /certs/key.pem can't be use"],
    ["a missing certificate", { cert: absent }, "cert-missing: the certificate in /certs/cert.pem can't be used: "],
    ["a broken certificate", { cert: broken }, "cert-unusable: the certificate in /certs/cert.pem can't be used: wha"],
    ["a broken chain", { cert: galley.cert + broken }, "cert-unusable: the certificate in /certs/cert.pem can't be us"],
    [
      "a chain that is cut off",
      { cert: galley.cert + cutOff },
      "cert-unusable: the certificate in /certs/cert.pem can't",
    ],
    ["a key of another", { key: stranger.key }, "mismatch: the private key in /certs/key.pem does not belong to the c"],
    ["a chain the wrong way round", { cert: authority.cert + galley.cert }, "mismatch: the private key in /certs/key"],
  ])("is told of %s, with its file", (_, changes, expected) => {
    const faults = faultsOf(judge(changes));
    expect(faults.map((fault) => fault.slice(0, expected.length))).toEqual([expected]);
  });

  test("is told of every file at once", () => {
    const codes = faultsOf(judge({ ca: absent, key: denied, cert: broken })).map((text) => text.split(":")[0]);
    expect(codes).toEqual(["ca-missing", "key-unreadable", "cert-unusable"]);
  });

  test("of what OpenSSL finds too weak names all three files", () => {
    expect(faultsOf(judge(weak))).toEqual([
      expect.stringMatching(/^unsuitable: \/certs\/cert.pem, \/certs\/key.pem and \/certs\/root.pem .*key too small/),
    ]);
  });

  test("never quotes what the files hold", () => {
    const text = JSON.stringify(judge({ key: galley.key.replace("MIG", "MIX"), cert: "SECRET", ca: "SECRET" }));
    expect(text).not.toContain("SECRET");
    expect(text).not.toContain("MIX");
  });
});
