import { generateKeyPairSync, randomBytes, sign, type KeyObject } from "node:crypto";

/** What a certificate is to say. */
export interface CertificateSpec {
  readonly name: string;
  /** Who signs it; without one it signs itself. */
  readonly issuer?: Certificate;
  readonly authority?: boolean;
  readonly uris?: readonly string[];
  readonly dns?: readonly string[];
  readonly emails?: readonly string[];
  readonly ips?: readonly (readonly number[])[];
  /** The year with whose start it begins to be valid; 2020 unless given. */
  readonly from?: number;
  /** Validity in years from there; up to 2049 unless given: UTCTime ends with that. */
  readonly years?: number;
}

/** A certificate made for a test, with its key. */
export interface Certificate {
  readonly name: string;
  readonly cert: string;
  readonly key: string;
  readonly der: Buffer;
  readonly privateKey: KeyObject;
}

/**
 * Issues an X.509 v3 certificate (ECDSA P-256, SHA-256). Node can read certificates but not make them, and a machine that
 * runs the tests may lack OpenSSL; the few structures of RFC 5280 that TLS asks for are quickly written.
 */
export function issue(spec: CertificateSpec): Certificate {
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const from = spec.from ?? 2020;
  const signedBy = spec.issuer?.privateKey ?? privateKey;
  const toBeSigned = sequence(
    element(0xa0, element(0x02, [2])),
    element(0x02, [0x01, ...randomBytes(8)]),
    ecdsaWithSha256,
    commonName(spec.issuer?.name ?? spec.name),
    sequence(utcTime(from), utcTime(spec.years === undefined ? 2049 : from + spec.years)),
    commonName(spec.name),
    publicKey.export({ type: "spki", format: "der" }),
    element(0xa3, sequence(...extensionsOf(spec))),
  );
  const signature = sign("sha256", toBeSigned, signedBy);
  const der = sequence(toBeSigned, ecdsaWithSha256, element(0x03, [0, ...signature]));
  return {
    name: spec.name,
    cert: `-----BEGIN CERTIFICATE-----\n${der.toString("base64").replaceAll(/.{64}(?=.)/g, "$&\n")}\n-----END CERTIFICATE-----\n`,
    key: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
    der,
    privateKey,
  };
}

const ecdsaWithSha256 = sequence(element(0x06, [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02]));

function extensionsOf(spec: CertificateSpec): Buffer[] {
  const extensions: Buffer[] = [];
  if (spec.authority === true) extensions.push(extension([0x55, 0x1d, 0x13], sequence(element(0x01, [0xff]))));
  const names = [
    ...(spec.emails ?? []).map((email) => element(0x81, Buffer.from(email, "latin1"))),
    ...(spec.dns ?? []).map((dns) => element(0x82, Buffer.from(dns, "latin1"))),
    ...(spec.uris ?? []).map((uri) => element(0x86, Buffer.from(uri, "latin1"))),
    ...(spec.ips ?? []).map((ip) => element(0x87, ip)),
  ];
  if (names.length > 0) extensions.push(extension([0x55, 0x1d, 0x11], sequence(...names)));
  return extensions;
}

function extension(id: readonly number[], value: Buffer): Buffer {
  return sequence(element(0x06, id), element(0x04, value));
}

function commonName(name: string): Buffer {
  const attribute = sequence(element(0x06, [0x55, 0x04, 0x03]), element(0x0c, Buffer.from(name)));
  return sequence(element(0x31, attribute));
}

// UTCTime holds two digits of the year: 50 and above mean the last century.
function utcTime(year: number): Buffer {
  return element(0x17, Buffer.from(`${String(year % 100).padStart(2, "0")}0101000000Z`));
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return element(0x30, Buffer.concat(parts));
}

function element(tag: number, body: Uint8Array | readonly number[]): Buffer {
  const bytes = Buffer.from(body);
  const size: number[] = [];
  for (let rest = bytes.length; rest > 0; rest >>= 8) size.unshift(rest & 0xff);
  const length = bytes.length < 0x80 ? [bytes.length] : [0x80 | size.length, ...size];
  return Buffer.concat([Buffer.from([tag, ...length]), bytes]);
}
