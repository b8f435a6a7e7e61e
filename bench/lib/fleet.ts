import type { ConnectPlan, LoadAbilities, Reception } from "../processes/load.ts";
import { Remote } from "./remote.ts";

/** The load: sinks in processes of their own, as if they were one. */
export class Fleet {
  readonly #processes: readonly Remote<LoadAbilities>[];

  constructor(processes = 1) {
    const module = new URL("../processes/load.ts", import.meta.url);
    this.#processes = Array.from({ length: processes }, () => new Remote<LoadAbilities>(module));
  }

  /** Has so many sinks connect, evenly spread over the processes; `received` tells when each has its first pushes. */
  async connect(sinks: number, plan: Omit<ConnectPlan, "count" | "host">): Promise<void> {
    const share = Math.ceil(sinks / this.#processes.length);
    await this.#each((remote, i) =>
      remote.ask("connect", { ...plan, host: "127.0.0.1", count: Math.min(share, sinks - i * share) }),
    );
  }

  /** From now on so many pushes to each sink are waited for. */
  async expect(pushes: number): Promise<void> {
    await this.#each((remote) => remote.ask("expect", pushes));
  }

  /** When all that was expected is there. */
  async received(): Promise<Reception> {
    return merge(await this.#each((remote) => remote.ask("received", undefined)));
  }

  async soFar(): Promise<Reception & { readonly connected: number }> {
    const parts = await this.#each((remote) => remote.ask("soFar", undefined));
    return { ...merge(parts), connected: parts.reduce((sum, part) => sum + part.connected, 0) };
  }

  /** This share of the sinks stops to read. */
  async stall(sinks: number): Promise<void> {
    const share = Math.ceil(sinks / this.#processes.length);
    await this.#each((remote, i) => remote.ask("stall", Math.max(0, Math.min(share, sinks - i * share))));
  }

  async resume(): Promise<void> {
    await this.#each((remote) => remote.ask("resume", undefined));
  }

  /** Begins to note every arrival. */
  async record(): Promise<void> {
    await this.#each((remote) => remote.ask("record", undefined));
  }

  /** The arrivals noted, by sink. */
  async recorded(): Promise<readonly (readonly { readonly version: string; readonly at: number }[])[]> {
    const sinks: { version: string; at: number }[][] = [];
    for (const arrivals of await this.#each((remote) => remote.ask("recorded", undefined))) {
      const own = new Map<number, { version: string; at: number }[]>();
      for (const [sink, version, at] of arrivals) {
        const list = own.get(sink) ?? [];
        if (list.length === 0) own.set(sink, list);
        list.push({ version, at });
      }
      sinks.push(...own.values());
    }
    return sinks;
  }

  async leave(): Promise<void> {
    await this.#each((remote) => remote.ask("leave", undefined));
  }

  async end(): Promise<void> {
    await this.#each((remote) => remote.end());
  }

  #each<T>(ask: (remote: Remote<LoadAbilities>, index: number) => Promise<T>): Promise<T[]> {
    return Promise.all(this.#processes.map((remote, i) => ask(remote, i)));
  }
}

function merge(parts: readonly Reception[]): Reception {
  const sum = (read: (part: Reception) => number): number => parts.reduce((total, part) => total + read(part), 0);
  return {
    first: Math.min(...parts.map((part) => part.first)),
    last: Math.max(...parts.map((part) => part.last)),
    bytes: sum((part) => part.bytes),
    pushes: sum((part) => part.pushes),
    failures: sum((part) => part.failures),
  };
}
