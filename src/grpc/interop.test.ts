import {
  Client,
  compressionAlgorithms,
  credentials,
  Metadata,
  status as grpcStatus,
  type ClientDuplexStream,
  type StatusObject,
} from "@grpc/grpc-js";
import { once } from "node:events";
import { describe, expect, it } from "vitest";
import type { Method } from "./method.ts";
import { OK, status } from "./status.ts";
import { serve, type TestServer } from "./testing/harness.ts";
import { RecordingMethod } from "./testing/recording.ts";

const path = "/test.Probe/Stream";
const same = (bytes: Buffer): Buffer => bytes;

/** Answers each message with itself, and half-close with OK. One at a time, as a handler should. */
const echo: Method = {
  path: "/test.Probe/Echo",
  open: (stream) => ({
    message(bytes) {
      stream.pause();
      void stream.send([bytes]).then(() => stream.resume());
    },
    halfClose: () => stream.end(OK),
    closed: () => undefined,
  }),
};

async function withClient(
  methods: readonly Method[],
  run: (
    call: (path: string, options?: { deadline?: Date }, metadata?: Metadata) => Duplex,
    test: TestServer,
  ) => Promise<void>,
  options: Record<string, number> = {},
): Promise<void> {
  await using test = await serve(methods);
  const client = new Client(`127.0.0.1:${test.port}`, credentials.createInsecure(), options);
  try {
    await run((path, callOptions = {}, metadata = new Metadata()) => {
      const call = client.makeBidiStreamRequest<Buffer, Buffer>(path, same, same, metadata, callOptions);
      return Object.assign(call, { ended: ending(call) });
    }, test);
  } finally {
    client.close();
  }
}

type Duplex = ClientDuplexStream<Buffer, Buffer> & { readonly ended: Promise<StatusObject> };

function ending(call: ClientDuplexStream<Buffer, Buffer>): Promise<StatusObject> {
  call.on("error", () => undefined);
  return new Promise((resolve) => call.on("status", resolve));
}

async function collect(call: Duplex): Promise<Buffer[]> {
  const messages: Buffer[] = [];
  call.on("data", (message: Buffer) => messages.push(message));
  await call.ended;
  return messages;
}

describe("the client of @grpc/grpc-js", () => {
  it("gets its messages back, small and large ones, in order", async () => {
    await withClient([echo], async (open) => {
      const call = open(echo.path);
      const sent = [0, 1, 5, 4_095, 4_096, 4_097, 16_384, 70_000, 1_048_576, 3].map((size, i) => Buffer.alloc(size, i));
      for (const message of sent) call.write(message);
      call.end();
      const received = await collect(call);
      expect(received.map((message) => message.length)).toEqual(sent.map((message) => message.length));
      expect(Buffer.concat(received).equals(Buffer.concat(sent))).toBe(true);
      expect((await call.ended).code).toBe(grpcStatus.OK);
    });
  });

  it("runs two hundred calls on one connection", async () => {
    await withClient([echo], async (open, test) => {
      const calls = Array.from({ length: 200 }, () => open(echo.path));
      const results = calls.map(async (call, i) => {
        for (let n = 0; n < 20; n++) call.write(Buffer.from(`${i}/${n}`));
        call.end();
        return (await collect(call)).map(String);
      });
      const received = await Promise.all(results);
      received.forEach((messages, i) => expect(messages).toEqual(Array.from({ length: 20 }, (_, n) => `${i}/${n}`)));
      expect(test.server.connections).toBe(1);
    });
  });

  it("gets a body of many megabytes", async () => {
    const body = Buffer.alloc(20_000_000, 7);
    const method = new RecordingMethod(path, ({ stream }) => {
      void stream.send([body, Buffer.from("nonce")]);
      stream.end(OK);
    });
    await withClient(
      [method],
      async (open) => {
        const [received] = await collect(open(path));
        expect(received?.length).toBe(body.length + 5);
        expect(received?.subarray(0, body.length).equals(body)).toBe(true);
      },
      { "grpc.max_receive_message_length": -1 },
    );
  });

  it("sees headers before any message, and the status with its message", async () => {
    const method = new RecordingMethod(path, (call) => {
      call.stream.sendHeaders([["config.source.version", "1"]]);
      call.onMessage = () => call.stream.end(status("InvalidArgument", "unsupported collection “x”"));
    });
    await withClient([method], async (open) => {
      const call = open(path);
      const [headers] = (await once(call, "metadata")) as [Metadata];
      expect(headers.get("config.source.version")).toEqual(["1"]);
      call.write(Buffer.from("x"));
      call.resume();
      expect(await call.ended).toMatchObject({ code: 3, details: "unsupported collection “x”" });
    });
  });

  it("is told of its own deadline, and the handler too", async () => {
    const method = new RecordingMethod(path);
    await withClient([method], async (open) => {
      const call = open(path, { deadline: new Date(Date.now() + 50) });
      call.resume();
      expect((await call.ended).code).toBe(grpcStatus.DEADLINE_EXCEEDED);
      expect(["cancelled", "failed"]).toContain((await (await method.call()).reason()).kind);
    });
  });

  it("may cancel in the middle of a large message", async () => {
    const method = new RecordingMethod(path);
    await withClient([method], async (open, test) => {
      const call = open(path);
      const recorded = await method.call();
      const sent = recorded.stream.send([Buffer.alloc(50_000_000)]);
      await once(call, "metadata");
      call.cancel();
      expect(await sent).toBe(false);
      expect(await recorded.reason()).toEqual({ kind: "cancelled" });
      expect(test.server.streams).toBe(0);
    });
  });

  it("is refused a message beyond the limit", async () => {
    await withClient([echo], async (open) => {
      const call = open(echo.path);
      call.write(Buffer.alloc(1_048_577));
      call.resume();
      expect(await call.ended).toMatchObject({
        code: grpcStatus.RESOURCE_EXHAUSTED,
        details: "a message of 1048577 bytes is larger than the limit of 1048576 bytes",
      });
    });
  });

  it("is refused compression, and unknown methods", async () => {
    const gzip = { "grpc.default_compression_algorithm": compressionAlgorithms.gzip };
    await withClient(
      [echo],
      async (open) => {
        const call = open(echo.path);
        call.write(Buffer.from("x"));
        call.resume();
        expect((await call.ended).code).toBe(grpcStatus.UNIMPLEMENTED);
      },
      gzip,
    );
    await withClient([echo], async (open) => {
      const call = open("/test.Probe/Nothing");
      call.resume();
      expect(await call.ended).toMatchObject({
        code: 12,
        details: 'unknown method "Nothing" for service "test.Probe"',
      });
    });
  });

  it("sees UNAVAILABLE when the server shuts down", async () => {
    const method = new RecordingMethod(path, ({ stream }) => stream.sendHeaders());
    await withClient([method], async (open, test) => {
      const call = open(path);
      call.resume();
      await once(call, "metadata");
      const done = test.server.shutdown(10_000);
      expect(await call.ended).toMatchObject({ code: 14, details: "server is shutting down" });
      await done;
    });
  });
});
