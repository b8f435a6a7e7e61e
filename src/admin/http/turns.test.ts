import { once } from "node:events";
import { connect } from "node:net";
import type { Socket } from "node:net";

import { afterEach, expect, test } from "vitest";

import { defaultLimits, type HttpLimits, type Listener } from "./listen.ts";
import { text } from "./reply.ts";
import { listenLocally } from "./testing/listen-locally.ts";

const open: AsyncDisposable[] = [];
const sockets: Socket[] = [];

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  for (const each of open.splice(0)) await each[Symbol.asyncDispose]();
});

interface Counted {
  readonly listener: Listener;
  /** In which turn of the event loop each answer was made. */
  readonly turns: number[];
}

async function serve(body: string, limits: Partial<HttpLimits> = {}): Promise<Counted> {
  let turn = 0;
  const turns: number[] = [];
  const count = setInterval(() => undefined, 1000);
  const next = (): void => {
    turn++;
    counting = setImmediate(next);
  };
  let counting = setImmediate(next);
  const listener = await listenLocally({
    limits: { ...defaultLimits, ...limits },
    answer() {
      turns.push(turn);
      return text(200, body);
    },
  });
  open.push(listener, {
    async [Symbol.asyncDispose]() {
      clearInterval(count);
      clearImmediate(counting);
    },
  });
  return { listener, turns };
}

/** A peer that asks so often in one breath, and reads nothing before it is told to. */
async function asks({ port }: Listener, times: number): Promise<Socket> {
  const socket = connect(port, "127.0.0.1");
  sockets.push(socket);
  socket.on("error", () => undefined);
  await once(socket, "connect");
  socket.write("GET / HTTP/1.1\r\nhost: localhost\r\n\r\n".repeat(times));
  return socket;
}

const turnsOfTheLoop = async (count: number): Promise<void> => {
  for (let i = 0; i < count; i++) await new Promise((resolve) => setImmediate(resolve));
};

const MEGABYTE = "x".repeat(1024 ** 2);

test("a peer that asks again and again without reading is made one answer more than it has read", async () => {
  const { listener, turns } = await serve(MEGABYTE.repeat(8));
  const socket = await asks(listener, 50);
  while (turns.length === 0) await turnsOfTheLoop(1);
  await turnsOfTheLoop(2000);
  expect(turns).toHaveLength(1);
  let read = 0;
  socket.on("data", (chunk) => (read += chunk.length));
  while (turns.length < 50 || read < 50 * 8 * MEGABYTE.length) await turnsOfTheLoop(1);
});

test("no two answers are made in one turn of the event loop, however many peers ask", async () => {
  const { listener, turns } = await serve("small");
  const peers = await Promise.all(Array.from({ length: 20 }, () => asks(listener, 10)));
  for (const peer of peers) peer.resume();
  while (turns.length < 200) await turnsOfTheLoop(1);
  expect(new Set(turns).size).toBe(200);
});

test("a peer that asks for more at once than any client does loses its connection", async () => {
  const { listener, turns } = await serve("small");
  const socket = await asks(listener, defaultLimits.requestsAhead + 2);
  socket.resume();
  await once(socket, "close");
  expect(turns.length).toBeLessThan(defaultLimits.requestsAhead);
  expect((await fetch(listener.url)).status).toBe(200);
});

test("of peers that don't read, those who have waited longest go where answers would fill the memory", async () => {
  const { listener } = await serve(MEGABYTE.repeat(8), { unreadBytes: 20 * 1024 ** 2 });
  const first = await asks(listener, 1);
  const closed = once(first.resume().pause(), "close").then(() => "closed");
  for (let i = 0; i < 3; i++) await asks(listener, 1);
  first.resume();
  expect(await closed).toBe("closed");
  expect(first.bytesRead).toBeLessThan(8 * 1024 ** 2);
  expect(await (await fetch(listener.url)).text()).toHaveLength(8 * 1024 ** 2);
});
