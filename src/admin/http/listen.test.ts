import { once } from "node:events";
import { connect } from "node:net";
import type { Socket } from "node:net";

import { afterEach, expect, test, vi } from "vitest";

import { GalleyError } from "../../lib/errors.ts";
import { silentLogger } from "../../lib/logger.ts";
import { defaultLimits } from "./listen.ts";
import type { ListenOptions, Listener } from "./listen.ts";
import { listenLocally } from "./testing/listen-locally.ts";

const open: AsyncDisposable[] = [];

afterEach(async () => {
  for (const each of open.splice(0)) await each[Symbol.asyncDispose]();
});

async function serve(options?: Partial<ListenOptions>): Promise<Listener> {
  const listener = await listenLocally(options);
  open.push(listener);
  return listener;
}

/** Everything the server says before it closes the connection. */
async function conversation(socket: Socket, request: string): Promise<string> {
  let said = "";
  socket.setEncoding("utf8").on("data", (chunk: string) => (said += chunk));
  socket.write(request);
  await once(socket, "close");
  return said;
}

test("a taken port is refused with the reason and the flag that changes it", async () => {
  const { port } = await serve();
  const error = await serve({ port }).catch((error: unknown) => error);
  expect(GalleyError.is(error) && error.code).toBe("GLY_LISTEN");
  expect(String(error)).toContain(
    `unable to listen on monitoring port ${port} (127.0.0.1): it is in use by another process`,
  );
  expect(GalleyError.is(error) && error.hint).toContain("--monitoring-port");
});

test("an address of another machine is refused with the reason", async () => {
  await expect(serve({ address: "192.0.2.1" })).rejects.toThrow("no interface of this machine has that address");
});

test.each(["", "*"])("the address %j stands for every interface", async (address) => {
  const { port, url } = await serve({ address });
  expect(url).toBe(`http://localhost:${port}`);
  expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toBe("you asked for /");
});

test("localhost is 127.0.0.1, wherever the resolver would point", async () => {
  expect((await serve({ address: "localhost" })).address).toBe("127.0.0.1");
});

test("HEAD is answered like GET, without the body", async () => {
  const { url } = await serve();
  const response = await fetch(`${url}/x`, { method: "HEAD" });
  expect(response.headers.get("content-length")).toBe(String("you asked for /x".length));
  expect(await response.text()).toBe("");
});

test("an answer that throws is a 500 without details, which the log has", async () => {
  const log = { ...silentLogger, error: vi.fn() };
  const answer = (): never => {
    throw new Error("secret detail");
  };
  const { url } = await serve({ log, answer });
  const response = await fetch(url);
  expect(response.status).toBe(500);
  expect(await response.text()).not.toContain("secret");
  expect(log.error).toHaveBeenCalledWith(
    expect.any(String),
    expect.objectContaining({ error: expect.stringContaining("secret") }),
  );
});

test("a peer that sends its headers for ever is cut off", async () => {
  const { port } = await serve({ limits: { ...defaultLimits, headersMs: 50, requestMs: 50, checkMs: 10 } });
  const socket = connect(port, "127.0.0.1");
  const said = await conversation(socket, "GET / HTTP/1.1\r\nhost: localhost\r\nx-slow: ");
  expect(said).toMatch(/^HTTP\/1\.1 408 /);
});

test("headers past the limit are refused", async () => {
  const { port } = await serve();
  const socket = connect(port, "127.0.0.1");
  const said = await conversation(socket, `GET / HTTP/1.1\r\nhost: localhost\r\nx: ${"x".repeat(20_000)}\r\n\r\n`);
  expect(said).toMatch(/^HTTP\/1\.1 431 /);
});

test("what is no HTTP is refused, and the next peer is served", async () => {
  const { port, url } = await serve();
  expect(await conversation(connect(port, "127.0.0.1"), "\x16\x03\x01\x02 hello\r\n\r\n")).toMatch(/^HTTP\/1\.1 400 /);
  expect((await fetch(url)).status).toBe(200);
});

test("disposing ends open connections and frees the port", async () => {
  const { port, [Symbol.asyncDispose]: dispose } = await serve();
  const socket = connect(port, "127.0.0.1");
  socket.on("error", () => undefined);
  await once(socket, "connect");
  const closed = once(socket, "close");
  await dispose();
  await closed;
  expect((await serve({ port })).port).toBe(port);
});
