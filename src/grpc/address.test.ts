import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatAddress, hostPort, parseAddress } from "./address.ts";

describe("parseAddress", () => {
  it.each([
    ["tcp://0.0.0.0:9901", { kind: "tcp", host: "0.0.0.0", port: 9901 }],
    ["TCP://localhost:0", { kind: "tcp", host: "localhost", port: 0 }],
    ["127.0.0.1:9901", { kind: "tcp", host: "127.0.0.1", port: 9901 }],
    ["galley.istio-system.svc:9901", { kind: "tcp", host: "galley.istio-system.svc", port: 9901 }],
    [":9901", { kind: "tcp", host: "", port: 9901 }],
    ["[::1]:9901", { kind: "tcp", host: "::1", port: 9901 }],
    ["tcp://[::]:65535", { kind: "tcp", host: "::", port: 65535 }],
    ["unix:///run/galley.sock", { kind: "unix", path: "/run/galley.sock" }],
  ])("reads %s", (text, address) => {
    expect(parseAddress(text)).toEqual({ ok: true, address });
  });

  it.each([
    ["", "host:port"],
    ["9901", "host:port"],
    ["localhost", "host:port"],
    ["localhost:", "host:port"],
    ["localhost:http", "host:port"],
    ["::1:9901", "host:port"],
    ["a b:1", "host:port"],
    ["[localhost]:9901", "localhost is not an IPv6 address"],
    ["0.0.0.0:65536", "65536 is beyond 65535"],
    ["http://0.0.0.0:9901", "scheme http is not known"],
    ["unix://galley.sock", "must be absolute"],
    ["unix:///a\0b", "NUL"],
    [`unix:///${"x".repeat(107)}`, "the path has 108 bytes, and the system takes 107 at most"],
  ])("refuses %j and says why", (text, why) => {
    const parsed = parseAddress(text);
    expect(parsed.ok ? "" : parsed.reason).toContain(why);
    expect(parsed.ok ? "" : parsed.reason).toContain(JSON.stringify(text));
  });

  it("reads back what formatAddress writes", () => {
    const tcp = fc.record({
      kind: fc.constant("tcp" as const),
      host: fc.oneof(fc.ipV4(), fc.ipV6(), fc.domain(), fc.constant("")),
      port: fc.integer({ min: 0, max: 65535 }),
    });
    const unix = fc.record({ kind: fc.constant("unix" as const), path: fc.stringMatching(/^\/[\w./-]{0,80}$/) });
    fc.assert(
      fc.property(fc.oneof(tcp, unix), (address) => {
        expect(parseAddress(formatAddress(address))).toEqual({ ok: true, address });
      }),
    );
  });

  it("has a verdict on any text", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const parsed = parseAddress(text);
        if (parsed.ok) expect(parseAddress(formatAddress(parsed.address))).toEqual(parsed);
        else expect(parsed.reason).toContain("is not an address: ");
      }),
    );
  });
});

describe("hostPort", () => {
  it("puts brackets round IPv6 alone", () => {
    expect(hostPort("::1", 1)).toBe("[::1]:1");
    expect(hostPort("10.0.0.1", 2)).toBe("10.0.0.1:2");
  });
});
