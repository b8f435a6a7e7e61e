import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { systemClock } from "../lib/clock.ts";
import { silentLogger } from "../lib/logger.ts";
import { ManualClock } from "../lib/manual-clock.ts";
import type { Address } from "./address.ts";
import type { Method } from "./method.ts";
import { listen, type GrpcServer } from "./server.ts";
import { codes, OK } from "./status.ts";
import { PlainClient, serve } from "./testing/harness.ts";
import { frameTypes, preface, RawClient, rawFrame } from "./testing/raw-client.ts";
import { RecordingMethod } from "./testing/recording.ts";

const path = "/test.Probe/Stream";

async function start(address: Address, methods: readonly Method[] = []): Promise<GrpcServer> {
  return await listen({ address, methods, clock: systemClock, log: silentLogger });
}

/** Resolves when the socket is closed, in whatever way. */
function closing(socket: Socket): Promise<void> {
  socket.on("error", () => undefined);
  return new Promise((resolve) => socket.on("close", () => resolve()));
}

/** Sends bytes to a port and gives all that comes back until the end. */
async function exchange(port: number, bytes: string): Promise<string> {
  const socket = connect(port, "127.0.0.1");
  let answer = "";
  socket.on("data", (chunk: Buffer) => (answer += chunk.toString("latin1")));
  socket.write(bytes, "latin1");
  await closing(socket);
  return answer;
}

describe("what connects to the plaintext port", () => {
  it("and speaks HTTP/1.1 gets a short answer and the end of the connection", async () => {
    await using test = await serve([]);
    const answer = await exchange(test.port, "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n");
    expect(answer).toMatch(/^HTTP\/1\.1 505 .*\r\n/);
    expect(answer).toContain("connection: close\r\n");
    expect(answer).toMatch(/\r\n\r\nThis port serves gRPC over HTTP\/2\. Use a gRPC client\.\n$/);
    expect(answer).toContain(`content-length: ${answer.split("\r\n\r\n")[1]!.length}\r\n`);
    expect(test.log.lines).toMatchObject([{ level: "info", message: "connection refused" }]);
  });

  it("and sends much over HTTP/1.1 still gets the answer", async () => {
    await using test = await serve([]);
    const answer = await exchange(test.port, `POST / HTTP/1.1\r\ncontent-length: 100000\r\n\r\n${"x".repeat(100_000)}`);
    expect(answer).toMatch(/^HTTP\/1\.1 505 /);
  });

  it.each([
    ["a TLS client", "\x16\x03\x01\x00\xa5\x01\x00\x00\xa1\x03\x03", "the peer speaks TLS, but this port is plaintext"],
    ["something unknown", "SSH-2.0-x\r\n", "the peer speaks neither HTTP/2 nor anything known"],
  ])("is closed and logged when it is %s", async (_, bytes, reason) => {
    await using test = await serve([]);
    expect(await exchange(test.port, bytes)).toBe("");
    expect(test.log.at("info").map((line) => line.fields["reason"])).toEqual([reason]);
  });

  it("and says nothing is closed in time", async () => {
    const clock = new ManualClock();
    await using test = await serve([], { clock });
    const socket = connect(test.port, "127.0.0.1");
    await once(socket, "connect");
    socket.write("PR");
    const closed = closing(socket);
    // The server has accepted when it holds a timer for the opening.
    while (clock.pending === 0) await new Promise(setImmediate);
    expect(test.server.connections).toBe(0);
    clock.advance(10_000);
    await closed;
    expect(clock.pending).toBe(0);
  });

  it("and leaves without a word, as a port probe does, is not worth a line", async () => {
    const clock = new ManualClock();
    await using test = await serve([], { clock });
    const socket = connect(test.port, "127.0.0.1");
    await once(socket, "connect");
    while (clock.pending === 0) await new Promise(setImmediate);
    socket.destroy();
    while (clock.pending > 0) await new Promise(setImmediate);
    expect(test.log.lines).toEqual([]);
  });

  it("and sends its preface byte by byte is served", async () => {
    const method = new RecordingMethod(path);
    await using test = await serve([method]);
    const client = new RawClient(test.port);
    client.socket.setNoDelay(true);
    for (const byte of "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n") {
      client.send(Buffer.from(byte));
      await new Promise(setImmediate);
    }
    client.send(Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]));
    client.call(1, path);
    expect((await method.call()).stream.path).toBe(path);
    client.socket.destroy();
  });

  it("wrongly a hundred times logs a few lines only", async () => {
    const clock = new ManualClock();
    await using test = await serve([], { clock });
    for (let i = 0; i < 30; i++) await exchange(test.port, "garbage\r\n");
    expect(test.log.at("info")).toHaveLength(10);
    expect(test.log.at("debug")).toHaveLength(20);
  });
});

describe("listen", () => {
  it("gives the address that it really has, and counts what is there", async () => {
    const method = new RecordingMethod(path, ({ stream }) => stream.sendHeaders());
    await using server = await start({ kind: "tcp", host: "localhost", port: 0 }, [method]);
    if (server.address.kind !== "tcp") throw new Error("not a TCP address");
    expect(server.address.port).toBeGreaterThan(0);
    expect([server.connections, server.streams]).toEqual([0, 0]);
    const client = new RawClient(server.address.port);
    client.begin();
    client.call(1, path);
    client.call(3, path);
    await method.call(1);
    expect([server.connections, server.streams]).toEqual([1, 2]);
    client.socket.destroy();
    await method.calls[1]!.reason();
    expect([server.connections, server.streams]).toEqual([0, 0]);
  });

  it("serves on every interface when the host is empty, and tells an IPv4 peer's address as such", async () => {
    const method = new RecordingMethod(path);
    await using server = await start({ kind: "tcp", host: "", port: 0 }, [method]);
    const client = new RawClient(server.address.kind === "tcp" ? server.address.port : 0);
    client.begin();
    client.call(1, path);
    expect((await method.call()).stream.peer.address).toMatch(/^127\.0\.0\.1:\d+$/);
    client.socket.destroy();
  });

  it("refuses an address in use, and says so", async () => {
    await using server = await start({ kind: "tcp", host: "127.0.0.1", port: 0 });
    await expect(start(server.address)).rejects.toThrow(/cannot listen on tcp:\/\/127\.0\.0\.1:\d+: it is in use/);
  });

  it.each([
    [{ kind: "tcp", host: "192.0.2.1", port: 0 }, "no interface of this machine has that address"],
    [{ kind: "unix", path: "/nowhere/at/all.sock" }, "its folder does not exist"],
  ] as const)("refuses %j, and says why", async (address, why) => {
    await expect(start(address)).rejects.toThrow(why);
  });

  it("refuses two methods of one path", async () => {
    const twice = [new RecordingMethod(path), new RecordingMethod(path)];
    await expect(start({ kind: "tcp", host: "127.0.0.1", port: 0 }, twice)).rejects.toThrow(`${path} is offered twice`);
  });
});

describe("a unix socket", () => {
  async function inFolder(run: (folder: string) => Promise<void>): Promise<void> {
    const folder = await mkdtemp(join(tmpdir(), "grpc-"));
    try {
      await run(folder);
    } finally {
      await rm(folder, { recursive: true });
    }
  }

  it("is served, and gone after the shutdown", async () => {
    await inFolder(async (folder) => {
      const method = new RecordingMethod(path);
      const address = { kind: "unix", path: join(folder, "galley.sock") } as const;
      const server = await start(address, [method]);
      expect(server.address).toEqual(address);
      const client = new RawClient(address.path);
      client.begin();
      client.call(1, path);
      expect((await method.call()).stream.peer).toEqual({ address: "unix" });
      await server.shutdown(0);
      await expect(stat(address.path)).rejects.toThrow("ENOENT");
      await client.until(() => client.closed);
    });
  });

  it("that a dead process left behind is replaced, but not one that answers, nor a file", async () => {
    await inFolder(async (folder) => {
      const address = { kind: "unix", path: join(folder, "galley.sock") } as const;
      const leave = `const s=require("net").createServer().listen(${JSON.stringify(address.path)},()=>process.kill(process.pid,"SIGKILL"))`;
      spawnSync(process.execPath, ["-e", leave]);
      expect((await stat(address.path)).isSocket()).toBe(true);
      await using server = await start(address);
      await expect(start(address)).rejects.toThrow("it is in use");
      expect(server.address).toEqual(address);
      const file = { kind: "unix", path: join(folder, "file") } as const;
      await writeFile(file.path, "precious");
      await expect(start(file)).rejects.toThrow("it is in use");
      expect(await readFile(file.path, "utf8")).toBe("precious");
    });
  });
});

describe("shutdown", () => {
  it("says GOAWAY, ends every call with UNAVAILABLE, and takes no new connection", async () => {
    const method = new RecordingMethod(path);
    const test = await serve([method]);
    await using client = new PlainClient(test.port);
    const withHeaders = client.call(path);
    (await method.call(0)).stream.sendHeaders();
    const without = client.call(path);
    await method.call(1);
    const goaway = once(client.session, "goaway");
    const done = test.server.shutdown(10_000);
    expect(await withHeaders.status()).toEqual({ code: codes.Unavailable, message: "server is shutting down" });
    expect(await without.status()).toEqual({ code: codes.Unavailable, message: "server is shutting down" });
    expect((await goaway)[0]).toBe(0);
    await done;
    expect(method.calls.map((call) => call.closes.map((closed) => closed.kind))).toEqual([["failed"], ["failed"]]);
    expect([test.server.connections, test.server.streams]).toEqual([0, 0]);
    expect(await exchange(test.port, "x")).toBe("");
  });

  it("is over at its deadline, whatever the clients do", async () => {
    const clock = new ManualClock();
    const method = new RecordingMethod(path);
    const test = await serve([method], { clock, limits: { lingerMs: 1e6 } });
    const blocked = new RawClient(test.port);
    blocked.begin([[4, 0]]);
    blocked.call(1, path);
    const call = await method.call();
    const sent = call.stream.send([Buffer.alloc(1_000_000)]);
    const idle = new RawClient(test.port);
    idle.socket.on("end", () => undefined);
    idle.begin();
    await idle.roundTrip();
    const mute = connect(test.port, "127.0.0.1");
    const muteClosed = closing(mute);
    await once(mute, "connect");
    let done = false;
    const finished = test.server.shutdown(3_000).then(() => (done = true));
    await blocked.until(() => blocked.of(frameTypes.goaway).length === 1);
    await muteClosed;
    expect(done).toBe(false);
    clock.advance(3_000);
    await finished;
    expect(await sent).toBe(false);
    expect(call.closes).toEqual([{ kind: "failed", status: { code: 14, message: "server is shutting down" } }]);
    expect(clock.pending).toBe(0);
  });

  it("may be asked for again, to hurry it", async () => {
    const clock = new ManualClock();
    const method = new RecordingMethod(path);
    const test = await serve([method], { clock, limits: { lingerMs: 1e6 } });
    const client = new RawClient(test.port);
    client.begin([[4, 0]]);
    client.call(1, path);
    void (await method.call()).stream.send([Buffer.alloc(10)]);
    const first = test.server.shutdown(60_000);
    await client.until(() => client.of(frameTypes.goaway).length === 1);
    const second = test.server.shutdown(1_000);
    clock.advance(1_000);
    await Promise.all([first, second]);
    await test.server.shutdown(5_000);
    expect(clock.pending).toBe(0);
  });

  it("lets what was being sent arrive before the status", async () => {
    const method = new RecordingMethod(path);
    const test = await serve([method]);
    await using client = new PlainClient(test.port);
    const call = client.call(path);
    const sent = (await method.call()).stream.send([Buffer.alloc(2_000_000, 7)]);
    const done = test.server.shutdown(10_000);
    expect((await call.status()).code).toBe(codes.Unavailable);
    expect(call.messages.map((message) => message.length)).toEqual([2_000_000]);
    expect(await sent).toBe(true);
    await done;
  });
});

describe("a server that was told nonsense", () => {
  it("still serves others, and keeps nothing of it", async () => {
    const method = new RecordingMethod(path, (call) => (call.onMessage = () => call.stream.end(OK)));
    await using test = await serve([method]);
    const frame = fc
      .tuple(
        fc.integer({ min: 0, max: 12 }),
        fc.nat(255),
        fc.integer({ min: 0, max: 9 }),
        fc.uint8Array({ maxLength: 60 }),
      )
      .map(([type, flags, id, payload]) => rawFrame(type, flags, id, payload));
    const noise = fc.array(fc.oneof({ weight: 9, arbitrary: frame }, { weight: 1, arbitrary: fc.uint8Array() }), {
      maxLength: 20,
    });
    await fc.assert(
      fc.asyncProperty(noise, fc.boolean(), async (parts, callFirst) => {
        const client = new RawClient(test.port);
        client.send(preface, rawFrame(4, 0, 0));
        if (callFirst) client.call(1, path);
        client.send(...parts);
        client.socket.end();
        await using friend = new PlainClient(test.port);
        const call = friend.call(path);
        call.send("hello");
        expect((await call.status()).code).toBe(0);
      }),
      { numRuns: 100 },
    );
    await test.server.shutdown(0);
    for (const call of method.calls) expect(call.closes).toHaveLength(1);
    expect([test.server.connections, test.server.streams]).toEqual([0, 0]);
    expect(test.log.at("error")).toEqual([]);
  });
});
