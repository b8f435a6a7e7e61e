import { deferred } from "./deferred.ts";
import type { Method } from "./method.ts";

/** What a service says of itself. */
export type ServingStatus = "serving" | "not-serving";

/**
 * The standard health service, `grpc.health.v1.Health`. Services are known by full name; the empty name means the whole
 * server, which isn't serving until told otherwise.
 */
export class HealthService {
  readonly methods: readonly Method[];
  readonly #statuses = new Map<string, ServingStatus>([["", "not-serving"]]);
  readonly #followers = new Map<string, Set<() => void>>();

  constructor() {
    // What reads and writes its messages is loaded when somebody asks.
    const load = async (): Promise<readonly Method[]> => (await import("./health-methods.ts")).healthMethods(this);
    this.methods = ["Check", "List", "Watch"].map((name) => {
      const path = `/grpc.health.v1.Health/${name}`;
      return deferred(path, async () => (await load()).find((method) => method.path === path)!);
    });
  }

  /** Sets the status of a service, or of the server, and tells who follows it. */
  set(service: string, serving: ServingStatus): void {
    this.#statuses.set(service, serving);
    for (const changed of this.#followers.get(service) ?? []) changed();
  }

  /** The status of a service; `undefined` for one that is not known. */
  get(service: string): ServingStatus | undefined {
    return this.#statuses.get(service);
  }

  /** Every service that is known, with its status. */
  all(): Iterable<readonly [service: string, serving: ServingStatus]> {
    return this.#statuses;
  }

  /** Calls back whenever the status of a service is set, until what this gives is called. */
  follow(service: string, changed: () => void): () => void {
    const followers = this.#followers.get(service) ?? new Set();
    this.#followers.set(service, followers.add(changed));
    return () => {
      followers.delete(changed);
      if (followers.size === 0 && this.#followers.get(service) === followers) this.#followers.delete(service);
    };
  }
}
