import { EventEmitter, once } from "node:events";
import { connect, type Socket } from "node:net";
import { afterEach, expect, test } from "vitest";
import { defaultLimits, type Listener, type ListenOptions } from "./listen.ts";
import { type Reply, text } from "./reply.ts";
import { listenLocally } from "./testing/listen-locally.ts";

const servers: Listener[] = [];
const sockets: Socket[] = [];

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  for (const server of servers.splice(0)) await server[Symbol.asyncDispose]();
});

async function serve(connections: number, answer?: ListenOptions["answer"]): Promise<Listener> {
  const limits = { ...defaultLimits, connections };
  const server = await listenLocally({ limits, ...(answer && { answer }) });
  servers.push(server);
  return server;
}

async function connected({ port }: Listener): Promise<Socket> {
  const socket = connect(port, "127.0.0.1");
  sockets.push(socket);
  socket.on("error", () => undefined);
  await once(socket, "connect");
  return socket;
}

const request = "GET / HTTP/1.1\r\nhost: localhost\r\n\r\n";

async function answered(socket: Socket): Promise<string> {
  socket.write(request);
  const [answer] = (await once(socket, "data")) as [Buffer];
  return answer.toString("latin1").slice(0, 15);
}

test("whoever says nothing makes room, the longest silent first", async () => {
  const server = await serve(2);
  const first = await connected(server);
  const second = await connected(server);
  expect(await answered(first)).toBe("HTTP/1.1 200 OK");
  const isGone = once(second, "close");
  const third = await connected(server);
  await isGone;
  expect(await answered(third)).toBe("HTTP/1.1 200 OK");
  expect(await answered(first)).toBe("HTTP/1.1 200 OK");
});

test("a peer is answered however many come and say nothing", async () => {
  const server = await serve(8);
  for (let i = 0; i < 40; i++) await connected(server);
  expect(await (await fetch(server.url)).text()).toBe("you asked for /");
});

test("who waits for an answer keeps its place, and when all do, who comes is turned away", async () => {
  const asked = new EventEmitter();
  let answer: (reply: Reply) => void = () => undefined;
  const server = await serve(1, () => {
    asked.emit("asked");
    return new Promise((resolve) => (answer = resolve));
  });
  const waiting = await connected(server);
  const isAsked = once(asked, "asked");
  const first = answered(waiting);
  waiting.write(request);
  await isAsked;
  await once(await connected(server), "close");
  answer(text(200, "here\n"));
  expect(await first).toBe("HTTP/1.1 200 OK");
});
