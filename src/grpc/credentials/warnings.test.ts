import { expect, test } from "vitest";
import { issue, type Certificate } from "../testing/certificates.ts";
import { judgeCredentials } from "./judge.ts";
import { expiryOf, warningsOn } from "./warnings.ts";

const files = { ca: "root.pem", key: "key.pem", cert: "cert.pem" };
const authority = issue({ name: "authority", authority: true, years: 10 });
const old = issue({ name: "old authority", authority: true, years: 2 });
const galley = issue({ name: "galley", issuer: authority, years: 4 });

function warn(date: string, own: Certificate = galley, ca: string = authority.cert): readonly string[] {
  const bytes = (text: string): { kind: "bytes"; bytes: Buffer } => ({ kind: "bytes", bytes: Buffer.from(text) });
  const looks = { ca: bytes(ca), key: bytes(own.key), cert: bytes(own.cert) };
  const verdict = judgeCredentials(files, { looks, mark: "" });
  if (!verdict.ok) throw new Error(JSON.stringify(verdict.faults));
  expect(expiryOf(verdict.set)).toBe(Date.parse("2024-01-01T00:00:00Z"));
  return warningsOn(files, verdict.set, Date.parse(date));
}

test("there is nothing to say of a certificate in the middle of its life", () => {
  expect(warn("2022-01-01")).toEqual([]);
});

test("a certificate that sinks will refuse is told of, with the time", () => {
  expect(warn("2019-06-01")[0]).toBe(
    "the certificate in cert.pem is not valid before 2020-01-01 00:00 UTC: sinks will refuse it",
  );
  expect(warn("2024-01-02")).toEqual([
    "the certificate in cert.pem expired on 2024-01-01 00:00 UTC: sinks will refuse it; replace it",
  ]);
});

test("a certificate near its end is told of, in the same words until the end", () => {
  expect(warn("2023-08-01")).toEqual([]);
  const late = warn("2023-09-01");
  expect(late).toEqual([
    "the certificate in cert.pem expires on 2024-01-01 00:00 UTC, and no newer one has been put there",
  ]);
  expect(warn("2023-12-31")).toEqual(late);
});

test("authorities are told of when none is valid, or when one can't be read", () => {
  expect(warn("2022-06-01", galley, old.cert)).toEqual([
    "no authority in root.pem is valid now: every sink will be refused; replace them",
  ]);
  expect(warn("2022-06-01", galley, old.cert + authority.cert)).toEqual([]);
  const broken = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n";
  expect(warn("2022-06-01", galley, broken + authority.cert)).toEqual([
    "1 of the 2 authorities in root.pem can't be read and are left out",
  ]);
});

test("a bundle of authorities that holds none is told of", () => {
  expect(warn("2022-01-01", galley, galley.cert)).toEqual([
    "none of the certificates in root.pem may sign others: every sink will be refused, but for one that shows one of them; " +
      "put those there that sign the certificates of sinks",
  ]);
  expect(warn("2022-01-01", galley, galley.cert + authority.cert)).toEqual([]);
});
