import { describe, expect, test } from "vitest";
import { formatAddress, isLoopback, parseAddress } from "./address.ts";

describe("parseAddress", () => {
  test.each([
    ["tcp://0.0.0.0:9901", { kind: "tcp", host: "0.0.0.0", port: 9901 }],
    ["localhost:0", { kind: "tcp", host: "localhost", port: 0 }],
    [":9901", { kind: "tcp", host: "", port: 9901 }],
    ["tcp://[::1]:9901", { kind: "tcp", host: "::1", port: 9901 }],
    ["[fe80::1%eth0]:1", { kind: "tcp", host: "fe80::1%eth0", port: 1 }],
    ["unix:///run/galley.sock", { kind: "unix", path: "/run/galley.sock" }],
  ])("reads %s", (text, address) => {
    expect(parseAddress(text)).toEqual(address);
  });

  test.each([
    "",
    "9901",
    "host",
    "host:",
    "host:x",
    "host:65536",
    "::1:9901",
    "http://host:1",
    "unix://",
    "tcp://a b:1",
    "tcp://h:1/x",
    "unix://relative.sock",
  ])("refuses %j", (text) => {
    expect(parseAddress(text)).toBeUndefined();
  });

  test.each(["tcp://0.0.0.0:9901", "tcp://[::1]:9901", "tcp://:1", "unix:///a/b"])(
    "%s is what formatAddress makes of what was read",
    (text) => {
      expect(formatAddress(parseAddress(text)!)).toBe(text);
    },
  );
});

describe("isLoopback", () => {
  test.each([
    ["127.0.0.1:1", true],
    ["127.8.9.1:1", true],
    ["localhost:1", true],
    ["[::1]:1", true],
    ["unix:///x", true],
    ["0.0.0.0:1", false],
    [":1", false],
    ["[::]:1", false],
    ["127.example.org:1", false],
  ])("of %s is %s", (text, expected) => {
    expect(isLoopback(parseAddress(text)!)).toBe(expected);
  });
});
