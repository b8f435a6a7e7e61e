// How much one push costs the server: `npx tsx bench/grpc.bench.ts`.
//
// A server process holds one stream for each sink and pushes one shared body to all of them; the sinks live in another
// process. Measured in the server: CPU time from the push until the last sink has everything, and the peak of its memory.
// The same client, on node:http2, reads from this project's server and from one on @grpc/grpc-js.
import { Server, ServerCredentials, type ServerDuplexStream } from "@grpc/grpc-js";
import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { connect, type ClientHttp2Session } from "node:http2";
import { fileURLToPath } from "node:url";
import { systemClock } from "../src/lib/clock.ts";
import { silentLogger } from "../src/lib/logger.ts";
import type { ServerStream } from "../src/grpc/method.ts";
import { listen } from "../src/grpc/server.ts";

interface Scenario {
  readonly name: string;
  readonly bodyBytes: number;
  readonly connections: number;
  readonly streamsPerConnection: number;
  readonly pushes: number;
}

const scenarios: readonly Scenario[] = [
  { name: "2.9 MB to 100 streams", bodyBytes: 2_900_000, connections: 100, streamsPerConnection: 1, pushes: 3 },
  { name: "2.9 MB to 500 streams", bodyBytes: 2_900_000, connections: 500, streamsPerConnection: 1, pushes: 3 },
  { name: "1 KB to 5,000 streams", bodyBytes: 1_024, connections: 50, streamsPerConnection: 100, pushes: 10 },
];

const kinds = ["node:http2", "grpc-js"] as const;
type Kind = (typeof kinds)[number];

const path = "/bench.Push/Stream";
const nonceBytes = 40;

type ServerReport = { readonly cpuMs: number; readonly peakMb: number };

// One process a role: what a server spends must not be mixed with what its clients spend.
const [role, kind, text] = process.argv.slice(2);
if (role === "server") await serve(kind as Kind, JSON.parse(text!) as Scenario);
else if (role === "client") await drink(JSON.parse(text!) as Scenario);
else await compare();

async function compare(): Promise<void> {
  const rows: Record<string, string | number>[] = [];
  for (const scenario of scenarios) {
    for (const serverKind of kinds) {
      const { cpuMs, peakMb, lastMs } = await measure(serverKind, scenario);
      rows.push({
        scenario: scenario.name,
        server: serverKind,
        "CPU ms": cpuMs,
        "last sink ms": lastMs,
        "peak RSS MB": peakMb,
      });
    }
  }
  console.table(rows);
}

async function measure(serverKind: Kind, scenario: Scenario): Promise<ServerReport & { readonly lastMs: number }> {
  const server = start("server", serverKind, scenario);
  const port = await answer<number>(server, "started");
  const client = start("client", String(port), scenario);
  await answer(client, "connected");
  const results: { cpuMs: number; lastMs: number }[] = [];
  let peakMb = 0;
  for (let i = 0; i <= scenario.pushes; i++) {
    client.send("expect");
    await answer(client, "ready");
    const begun = performance.now();
    server.send("push");
    await answer(client, "received");
    const lastMs = Math.round(performance.now() - begun);
    server.send("report");
    const report = await answer<ServerReport>(server, "report");
    // The first push warms up; memory counts from the start.
    if (i > 0) results.push({ cpuMs: report.cpuMs, lastMs });
    peakMb = report.peakMb;
  }
  client.kill();
  server.kill();
  await Promise.all([once(client, "exit"), once(server, "exit")]);
  return { cpuMs: median(results.map((r) => r.cpuMs)), lastMs: median(results.map((r) => r.lastMs)), peakMb };
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
}

function start(name: string, argument: string, scenario: Scenario): ChildProcess {
  return fork(fileURLToPath(import.meta.url), [name, argument, JSON.stringify(scenario)]);
}

async function answer<T>(child: ChildProcess, what: string): Promise<T> {
  for (;;) {
    const [message] = (await once(child, "message")) as [{ readonly what: string; readonly value: T }];
    if (message.what === what) return message.value;
  }
}

function tell(what: string, value?: unknown): void {
  process.send!({ what, value });
}

async function serve(serverKind: Kind, scenario: Scenario): Promise<void> {
  const body = Buffer.alloc(scenario.bodyBytes - nonceBytes, 1);
  const nonce = Buffer.alloc(nonceBytes, 2);
  const pushTo = serverKind === "grpc-js" ? await serveGrpcJs() : await serveOurs();
  let before = process.cpuUsage();
  process.on("message", (message) => {
    if (message === "push") {
      before = process.cpuUsage();
      pushTo(body, nonce);
    } else {
      const { user, system } = process.cpuUsage(before);
      tell("report", {
        cpuMs: Math.round((user + system) / 1000),
        peakMb: Math.round(process.resourceUsage().maxRSS / 1024),
      });
    }
  });
}

async function serveOurs(): Promise<(body: Buffer, nonce: Buffer) => void> {
  const streams: ServerStream[] = [];
  const server = await listen({
    address: { kind: "tcp", host: "127.0.0.1", port: 0 },
    clock: systemClock,
    log: silentLogger,
    methods: [
      {
        path,
        open(stream) {
          streams.push(stream);
          stream.sendHeaders();
          return { message: () => undefined, halfClose: () => undefined, closed: () => undefined };
        },
      },
    ],
  });
  if (server.address.kind === "tcp") tell("started", server.address.port);
  return (body, nonce) => {
    for (const stream of streams) void stream.send([body, nonce]);
  };
}

async function serveGrpcJs(): Promise<(body: Buffer, nonce: Buffer) => void> {
  const streams: ServerDuplexStream<Buffer, Buffer>[] = [];
  const server = new Server({ "grpc-node.max_session_memory": Number.MAX_SAFE_INTEGER });
  const same = (bytes: Buffer): Buffer => bytes;
  const types = {
    requestSerialize: same,
    requestDeserialize: same,
    responseSerialize: same,
    responseDeserialize: same,
  };
  const definition = { Stream: { path, requestStream: true, responseStream: true, ...types } };
  server.addService(definition, {
    Stream(stream: ServerDuplexStream<Buffer, Buffer>) {
      streams.push(stream);
      stream.on("data", () => undefined);
      stream.on("error", () => undefined);
      stream.sendMetadata(new (stream.metadata.constructor as new () => typeof stream.metadata)());
    },
  });
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    );
  });
  tell("started", port);
  return (body, nonce) => {
    // A message is one buffer there; joining the two is spared it, to its favour.
    const message = Buffer.alloc(body.length + nonce.length, 1);
    for (const stream of streams) stream.write(message);
  };
}

async function drink(scenario: Scenario): Promise<void> {
  const port = Number(kind);
  const sessions = await Promise.all(Array.from({ length: scenario.connections }, () => open(port)));
  const total = scenario.connections * scenario.streamsPerConnection;
  const wanted = total * (scenario.bodyBytes + 5);
  let received = 0;
  const headers = { ":method": "POST", ":path": path, "content-type": "application/grpc", te: "trailers" };
  const answered: Promise<unknown>[] = [];
  for (const session of sessions) {
    for (let i = 0; i < scenario.streamsPerConnection; i++) {
      const stream = session.request(headers, { endStream: false });
      answered.push(once(stream, "response"));
      stream.on("data", (chunk: Buffer) => {
        received += chunk.length;
        if (received === wanted) tell("received");
      });
    }
  }
  await Promise.all(answered);
  process.on("message", () => {
    received = 0;
    tell("ready");
  });
  tell("connected");
}

async function open(port: number): Promise<ClientHttp2Session> {
  const settings = { initialWindowSize: 4 * 1024 * 1024 };
  const session = connect(`http://127.0.0.1:${port}`, { settings, maxSessionMemory: 1_000 });
  await once(session, "connect");
  session.setLocalWindowSize(16 * 1024 * 1024);
  return session;
}
