import { expect, test } from "vitest";
import { dialTarget } from "./target.ts";

test.each([
  ["127.0.0.1:9901", "127.0.0.1:9901"],
  ["istio-galley.istio-system.svc:9901", "istio-galley.istio-system.svc:9901"],
  ["[::1]:9901", "[::1]:9901"],
  ["tcp://galley:9901", "galley:9901"],
  [":9901", "localhost:9901"],
  ["unix:///run/galley.sock", "unix:/run/galley.sock"],
])("%s is dialled as %s", (address, target) => {
  expect(dialTarget(address)).toBe(target);
});

test.each(["", "galley", "galley:", "galley:port", "galley:99999", "http://galley:80", "galley:0", "a b:1"])(
  "%j can't be dialled",
  (address) => {
    expect(() => dialTarget(address)).toThrow(Error);
  },
);
