import { Client, credentials, status as grpcStatus, type ClientReadableStream, type ServiceError } from "@grpc/grpc-js";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";
import {
  HealthCheckRequestSchema,
  HealthCheckResponseSchema,
  HealthCheckResponse_ServingStatus as Serving,
  HealthListRequestSchema,
  HealthListResponseSchema,
  type HealthCheckResponse,
} from "../wire/gen/grpc/health/v1/health_pb.ts";
import { frameMessage } from "./frame.ts";
import { HealthService } from "./health.ts";
import { Observed } from "./testing/events.ts";
import { PlainClient, serve } from "./testing/harness.ts";
import { frameTypes, RawClient, rawFrame } from "./testing/raw-client.ts";

const checkPath = "/grpc.health.v1.Health/Check";
const watchPath = "/grpc.health.v1.Health/Watch";
const service = "istio.mcp.v1alpha1.ResourceSource";
const encode = (name: string): Buffer =>
  Buffer.from(toBinary(HealthCheckRequestSchema, create(HealthCheckRequestSchema, { service: name })));
const decode = (bytes: Buffer): HealthCheckResponse => fromBinary(HealthCheckResponseSchema, bytes);

function check(client: Client, name: string): Promise<Serving | ServiceError> {
  return new Promise((resolve) => {
    client.makeUnaryRequest(checkPath, encode, decode, name, (error, response) => resolve(error ?? response!.status));
  });
}

/** What a watcher was told so far. */
class Told extends Observed {
  readonly statuses: string[] = [];
  readonly call: ClientReadableStream<HealthCheckResponse>;

  constructor(client: Client, name: string) {
    super();
    this.call = client.makeServerStreamRequest(watchPath, encode, decode, name);
    this.call.on("error", () => undefined);
    this.call.on("data", (response: HealthCheckResponse) => {
      this.statuses.push(Serving[response.status]);
      this.changed();
    });
  }
}

async function withHealth(run: (health: HealthService, client: Client, port: number) => Promise<void>): Promise<void> {
  const health = new HealthService();
  await using test = await serve(health.methods);
  const client = new Client(`127.0.0.1:${test.port}`, credentials.createInsecure());
  try {
    await run(health, client, test.port);
  } finally {
    client.close();
  }
}

describe("Check", () => {
  it("tells what was set, and of the server that it isn't serving before", async () => {
    await withHealth(async (health, client) => {
      expect(await check(client, "")).toBe(Serving.NOT_SERVING);
      health.set("", "serving");
      health.set(service, "serving");
      expect(await check(client, "")).toBe(Serving.SERVING);
      expect(await check(client, service)).toBe(Serving.SERVING);
      health.set(service, "not-serving");
      expect(await check(client, service)).toBe(Serving.NOT_SERVING);
    });
  });

  it("doesn't find a service that it wasn't told of", async () => {
    await withHealth(async (_, client) => {
      expect(await check(client, "other")).toMatchObject({ code: grpcStatus.NOT_FOUND, details: "unknown service" });
    });
  });

  it("fails on a request that doesn't decode, and on none", async () => {
    await withHealth(async (_health, _client, port) => {
      await using plain = new PlainClient(port);
      const garbled = plain.call(checkPath);
      garbled.send(Buffer.from([0x0a, 0x05, 0x61]));
      const { code, message } = await garbled.status();
      expect(code).toBe(13);
      expect(message).toContain("not a grpc.health.v1.HealthCheckRequest");
      const empty = plain.call(checkPath);
      empty.stream.end();
      expect(await empty.status()).toEqual({
        code: 13,
        message: "the method takes one request message, and none came",
      });
    });
  });
});

describe("List", () => {
  it("tells of all", async () => {
    await withHealth(async (health, client) => {
      health.set(service, "serving");
      const statuses = await new Promise((resolve, reject) => {
        client.makeUnaryRequest(
          "/grpc.health.v1.Health/List",
          () => Buffer.from(toBinary(HealthListRequestSchema, create(HealthListRequestSchema))),
          (bytes: Buffer) => fromBinary(HealthListResponseSchema, bytes),
          undefined,
          (error, response) => (error === null ? resolve(response?.statuses) : reject(error)),
        );
      });
      expect(statuses).toMatchObject({ "": { status: Serving.NOT_SERVING }, [service]: { status: Serving.SERVING } });
    });
  });
});

describe("Watch", () => {
  it("tells the status at once, then every change, and of an unknown service when it comes to be known", async () => {
    await withHealth(async (health, client) => {
      const told = new Told(client, service);
      await told.until(() => told.statuses.length === 1);
      health.set("other", "serving");
      health.set(service, "serving");
      await told.until(() => told.statuses.length === 2);
      health.set(service, "serving");
      health.set(service, "not-serving");
      await told.until(() => told.statuses.length === 3);
      expect(told.statuses).toEqual(["SERVICE_UNKNOWN", "SERVING", "NOT_SERVING"]);
      told.call.cancel();
    });
  });

  it("tells a slow watcher the newest status only", async () => {
    const health = new HealthService();
    await using test = await serve(health.methods);
    const client = new RawClient(test.port);
    client.begin([[4, 0]]);
    client.call(1, watchPath);
    client.send(rawFrame(frameTypes.data, 1, 1, Buffer.concat(frameMessage([encode("")]))));
    await client.roundTrip();
    for (let i = 0; i < 1001; i++) health.set("", i % 2 === 0 ? "serving" : "not-serving");
    client.send(rawFrame(frameTypes.windowUpdate, 0, 1, Buffer.from([0, 1, 0, 0])));
    await client.until(() => client.of(frameTypes.data).length === 2);
    expect(client.of(frameTypes.data).map((frame) => frame.payload.at(-1))).toEqual([
      Serving.NOT_SERVING,
      Serving.SERVING,
    ]);
    client.socket.destroy();
  });

  it("refuses an endless name, and a second request", async () => {
    await withHealth(async (_health, _client, port) => {
      await using plain = new PlainClient(port);
      const endless = plain.call(watchPath);
      endless.send(encode("x".repeat(201)));
      expect((await endless.status()).code).toBe(grpcStatus.INVALID_ARGUMENT);
      const twice = plain.call(watchPath);
      twice.send(encode(""));
      twice.send(encode(""));
      expect((await twice.status()).code).toBe(13);
    });
  });
});
