import { describe, expect, test } from "vitest";
import { parseNetworks, thisMachine } from "./networks.ts";

function judge(networks: readonly string[], address: string): boolean {
  const parsed = parseNetworks(networks);
  if (!parsed.ok) throw new Error(parsed.reason);
  return parsed.networks.judge({ address }).allowed;
}

describe("a peer", () => {
  test.each([
    [thisMachine, "127.0.0.1:4", true],
    [thisMachine, "127.9.9.9:4", true],
    [thisMachine, "[::1]:4", true],
    [thisMachine, "[::ffff:127.0.0.1]:4", true],
    [thisMachine, "128.0.0.1:4", false],
    [thisMachine, "unix", true],
    [["10.0.0.0/8", "fd00::/8"], "10.255.0.1:80", true],
    [["10.0.0.0/8", "fd00::/8"], "11.0.0.1:80", false],
    [["10.0.0.0/8", "fd00::/8"], "[fd12::1]:80", true],
    [["10.0.0.0/8", "fd00::/8"], "[fe80::1]:80", false],
    [["10.1.2.3"], "10.1.2.3:80", true],
    [["10.1.2.3"], "10.1.2.4:80", false],
    [["0.0.0.0/0"], "192.0.2.1:1", true],
    [["0.0.0.0/0"], "[2001:db8::1]:1", false],
    [["0.0.0.0/0"], "garbage", false],
  ])("of %j at %s is judged", (networks, address, allowed) => {
    expect(judge(networks, address)).toBe(allowed);
  });
});

test.each(["", "10.0.0.0/33", "::/129", "10.0.0/8", "localhost", "10.0.0.0/8/8", "10.0.0.0/-1", "fe80::1%eth0"])(
  "%j is no network, and the reason says what is",
  (text) => {
    expect(parseNetworks([text])).toEqual({ ok: false, reason: expect.stringContaining("such as 10.0.0.0/8") });
  },
);
