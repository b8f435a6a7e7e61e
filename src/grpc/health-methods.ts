import { create, toBinary } from "@bufbuild/protobuf";
import {
  Health,
  HealthCheckResponseSchema,
  HealthCheckResponse_ServingStatus as Serving,
  HealthListResponseSchema,
  type HealthCheckRequest,
} from "../wire/gen/grpc/health/v1/health_pb.ts";
import type { HealthService, ServingStatus } from "./health.ts";
import type { Method, ServerStream } from "./method.ts";
import { status } from "./status.ts";
import { unary, withOneRequest, type Answer } from "./typed.ts";

/** Longest name of a service that is looked up, in characters: names come from peers and are remembered while watched. */
const MAX_NAME = 200;

const wire = { serving: Serving.SERVING, "not-serving": Serving.NOT_SERVING } as const;

/** What a health service answers, method by method. */
export function healthMethods(health: HealthService): readonly Method[] {
  return [
    unary(Health.method.check, (request) => check(health, request)),
    unary(Health.method.list, () => list(health)),
    withOneRequest(Health.method.watch, (request, stream) => watch(health, request, stream)),
  ];
}

function check(health: HealthService, { service }: HealthCheckRequest): Answer {
  const found = health.get(service);
  if (found !== undefined) return { ok: true, bytes: responses[wire[found]] };
  return { ok: false, status: status("NotFound", "unknown service") };
}

function list(health: HealthService): Answer {
  const statuses = Object.fromEntries([...health.all()].map(([name, found]) => [name, { status: wire[found] }]));
  return { ok: true, bytes: toBinary(HealthListResponseSchema, create(HealthListResponseSchema, { statuses })) };
}

function watch(health: HealthService, { service }: HealthCheckRequest, stream: ServerStream): (() => void) | undefined {
  if (service.length > MAX_NAME) {
    stream.end(status("InvalidArgument", `the name of the service is longer than ${MAX_NAME} characters`));
    return undefined;
  }
  const watching = new Watch(stream, () => wireOf(health.get(service)));
  const stop = health.follow(service, () => watching.wake());
  watching.wake();
  return stop;
}

function wireOf(found: ServingStatus | undefined): Serving {
  return found === undefined ? Serving.SERVICE_UNKNOWN : wire[found];
}

/** One watcher: told the newest status when it can take it, and only when it differs from what it was told before. */
class Watch {
  readonly #stream: ServerStream;
  readonly #read: () => Serving;
  #told: Serving | undefined;
  #telling = false;

  constructor(stream: ServerStream, read: () => Serving) {
    this.#stream = stream;
    this.#read = read;
  }

  wake(): void {
    if (!this.#telling) void this.#tell();
  }

  async #tell(): Promise<void> {
    this.#telling = true;
    for (let now = this.#read(); now !== this.#told; now = this.#read()) {
      this.#told = now;
      if (!(await this.#stream.send([responses[now]]))) return;
    }
    this.#telling = false;
  }
}

const responses: Readonly<Record<Serving, Uint8Array>> = {
  [Serving.UNKNOWN]: encoded(Serving.UNKNOWN),
  [Serving.SERVING]: encoded(Serving.SERVING),
  [Serving.NOT_SERVING]: encoded(Serving.NOT_SERVING),
  [Serving.SERVICE_UNKNOWN]: encoded(Serving.SERVICE_UNKNOWN),
};

function encoded(serving: Serving): Uint8Array {
  return toBinary(HealthCheckResponseSchema, create(HealthCheckResponseSchema, { status: serving }));
}
