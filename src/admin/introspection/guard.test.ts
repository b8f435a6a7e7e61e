import type { IncomingMessage } from "node:http";

import { expect, test } from "vitest";

import { bar } from "./guard.ts";

function from(remoteAddress: string | undefined, method: string): IncomingMessage {
  return { method, headers: { host: "galley.example" }, socket: { remoteAddress } } as unknown as IncomingMessage;
}

test("another machine may read what is served beyond loopback, but change nothing", () => {
  expect(bar(from("10.0.0.1", "GET"), false)).toBeUndefined();
  expect(bar(from("10.0.0.1", "PUT"), false)?.code).toBe("remote-change");
  expect(bar(from(undefined, "PUT"), false)?.code).toBe("remote-change");
  expect(bar(from("::ffff:127.0.0.1", "PUT"), false)).toBeUndefined();
});
