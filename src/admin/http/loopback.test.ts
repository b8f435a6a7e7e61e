import { expect, test } from "vitest";

import { isLoopbackAddress, isLoopbackHost } from "./loopback.ts";

test.each(["127.0.0.1", "127.8.9.10", "::1", "::ffff:127.0.0.1"])(
  "%s is an address of this machine only",
  (address) => {
    expect(isLoopbackAddress(address)).toBe(true);
  },
);

test.each(["", "localhost", "10.0.0.1", "0.0.0.0", "::", "::2", "::ffff:10.0.0.1", "127.0.0.1.evil.example"])(
  "%j is not",
  (address) => {
    expect(isLoopbackAddress(address)).toBe(false);
  },
);

test.each(["localhost", "localhost:9876", "LocalHost", "127.0.0.1", "127.0.0.1:9876", "[::1]", "[::1]:9876"])(
  "a request for %s means this machine",
  (host) => {
    expect(isLoopbackHost(host)).toBe(true);
  },
);

test.each([
  undefined,
  "",
  ":80",
  "evil.example",
  "evil.example:9876",
  "127.0.0.1.evil.example",
  "localhost.evil.example",
  "localhost:9876:80",
  "localhost@evil.example",
  "[::1",
  "::1",
  "10.0.0.1",
  "0x7f.1",
])("a request for %j does not", (host) => {
  expect(isLoopbackHost(host)).toBe(false);
});
