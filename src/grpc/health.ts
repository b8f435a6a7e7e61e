import { create, toBinary } from "@bufbuild/protobuf";
import {
  Health,
  HealthCheckResponseSchema,
  HealthCheckResponse_ServingStatus as Serving,
  HealthListResponseSchema,
  type HealthCheckRequest,
} from "../wire/gen/grpc/health/v1/health_pb.ts";
import type { Method, ServerStream } from "./method.ts";
import { status } from "./status.ts";
import { unary, withOneRequest, type Answer } from "./typed.ts";

/** What a service says of itself. */
export type ServingStatus = "serving" | "not-serving";

/** Longest name of a service that is looked up, in characters: names come from peers and are remembered while watched. */
const MAX_NAME = 200;

const wire = { serving: Serving.SERVING, "not-serving": Serving.NOT_SERVING } as const;

/**
 * The standard health service, `grpc.health.v1.Health`. Services are known by full name; the empty name means the whole
 * server, which isn't serving until told otherwise.
 */
export class HealthService {
  readonly methods: readonly Method[];
  readonly #statuses = new Map<string, ServingStatus>([["", "not-serving"]]);
  readonly #watches = new Map<string, Set<Watch>>();

  constructor() {
    this.methods = [
      unary(Health.method.check, (request) => this.#check(request)),
      unary(Health.method.list, () => this.#list()),
      withOneRequest(Health.method.watch, (request, stream) => this.#watch(request, stream)),
    ];
  }

  /** Sets the status of a service, or of the server, and tells who watches it. */
  set(service: string, serving: ServingStatus): void {
    this.#statuses.set(service, serving);
    for (const watch of this.#watches.get(service) ?? []) watch.wake();
  }

  #check({ service }: HealthCheckRequest): Answer {
    const found = this.#statuses.get(service);
    if (found !== undefined) return { ok: true, bytes: responses[wire[found]] };
    return { ok: false, status: status("NotFound", "unknown service") };
  }

  #list(): Answer {
    const statuses = Object.fromEntries([...this.#statuses].map(([name, found]) => [name, { status: wire[found] }]));
    return { ok: true, bytes: toBinary(HealthListResponseSchema, create(HealthListResponseSchema, { statuses })) };
  }

  #watch({ service }: HealthCheckRequest, stream: ServerStream): (() => void) | undefined {
    if (service.length > MAX_NAME) {
      stream.end(status("InvalidArgument", `the name of the service is longer than ${MAX_NAME} characters`));
      return undefined;
    }
    const watch = new Watch(stream, () => this.#now(service));
    const watches = this.#watches.get(service) ?? new Set();
    this.#watches.set(service, watches.add(watch));
    watch.wake();
    return () => {
      watches.delete(watch);
      if (watches.size === 0 && this.#watches.get(service) === watches) this.#watches.delete(service);
    };
  }

  #now(service: string): Serving {
    const found = this.#statuses.get(service);
    return found === undefined ? Serving.SERVICE_UNKNOWN : wire[found];
  }
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
