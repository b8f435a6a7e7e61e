import { X509Certificate } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { uriNames } from "./san.ts";
import { issue } from "./testing/certificates.ts";

const pilot = "spiffe://cluster.local/ns/istio-system/sa/istio-pilot-service-account";

describe("uriNames", () => {
  it("gives the URIs in order and nothing else that a certificate is called", () => {
    const { der } = issue({
      name: "spiffe://common/name",
      uris: [pilot, "https://example.com/?a=b"],
      dns: ["spiffe://dns/name", "pilot"],
      emails: ["spiffe://e@mail"],
      ips: [[127, 0, 0, 1]],
    });
    expect(uriNames(der)).toEqual([pilot, "https://example.com/?a=b"]);
  });

  it("gives none for a certificate without alternative names, or without URIs among them", () => {
    expect(uriNames(issue({ name: "x" }).der)).toEqual([]);
    expect(uriNames(issue({ name: "x", authority: true, dns: ["x"] }).der)).toEqual([]);
  });

  it("isn't misled by a name that looks like a list of names", () => {
    const tricky = `spiffe://a/b, URI:${pilot}`;
    const { der } = issue({ name: "x", dns: [`x, URI:${pilot}`], uris: [tricky.replaceAll(" ", "")] });
    expect(uriNames(der)).toEqual([`spiffe://a/b,URI:${pilot}`]);
  });

  it("leaves out a URI with control characters, blanks or bytes beyond ASCII", () => {
    expect(uriNames(issue({ name: "x", uris: [`${pilot}\0.evil`, `${pilot} `, "spiffe://ü", "", "a:b"] }).der)).toEqual(
      ["a:b"],
    );
  });

  it("reads a certificate longer than 64 KiB", () => {
    const uris = Array.from({ length: 2000 }, (_, i) => `spiffe://cluster.local/ns/default/sa/${i}`);
    expect(uriNames(issue({ name: "x", uris }).der)).toEqual(uris);
  });

  it("reads what OpenSSL reads", () => {
    const { der, cert } = issue({ name: "x", uris: [pilot] });
    expect(new X509Certificate(cert).subjectAltName).toBe(`URI:${pilot}`);
    expect(uriNames(der)).toEqual([pilot]);
  });

  it("never throws and never hangs, whatever the bytes", () => {
    const { der } = issue({ name: "x", uris: [pilot] });
    fc.assert(
      fc.property(fc.nat(der.length - 1), fc.nat(255), fc.nat(der.length), (at, byte, end) => {
        const bytes = Buffer.from(der.subarray(0, end));
        if (at < end) bytes[at] = byte;
        for (const uri of uriNames(bytes)) expect(uri).toMatch(/^[\x21-\x7e]+$/);
      }),
      { numRuns: 1000 },
    );
    fc.assert(fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => uriNames(bytes).length >= 0));
  });
});
