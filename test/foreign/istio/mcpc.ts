import { Program } from "./program.ts";

/** A resource as mcpc decoded it, with the types that Istio's own programs have. */
export interface McpcResource {
  readonly TypeURL: string;
  readonly Metadata: { readonly name: string; readonly version: string };
  readonly Body: unknown;
}

/** Lines that are logged to the same output. */
const logged = /^\d{4}-\d\d-\d\dT\S+\t/;

/** mcpc, Istio's client of MCP for people: it asks for collections and prints all that comes. */
export class Mcpc implements AsyncDisposable {
  readonly #program: Program;

  /** @param flags which collections it asks for, such as `-use-wkt-pilot` */
  constructor(program: string, address: string, ...flags: readonly string[]) {
    this.#program = new Program(program, ["-server", address, "-output", "long", ...flags]);
  }

  /** What it was sent last of each collection, by name. @throws Error when it has ended. */
  arrived(): ReadonlyMap<string, ReadonlyMap<string, McpcResource>> {
    this.#program.alive();
    const content = new Map<string, Map<string, McpcResource>>();
    let current = new Map<string, McpcResource>();
    let block: string[] | undefined;
    for (const line of this.#program.lines) {
      const applied = /^Incoming apply: (\S+)$/.exec(line)?.[1];
      if (applied !== undefined) content.set(applied, (current = new Map<string, McpcResource>()));
      else if (/^\S+\[\d+\]$/.test(line)) block = [];
      else if (line === "===============" && block !== undefined) {
        const resource = JSON.parse(block.join("\n")) as McpcResource;
        current.set(resource.Metadata.name, resource);
        block = undefined;
      } else if (!logged.test(line)) block?.push(line);
    }
    return content;
  }

  /** The same as one line a resource, in order: `COLLECTION NAME VERSION`. */
  lines(): readonly string[] {
    return [...this.arrived()]
      .flatMap(([collection, all]) =>
        [...all.values()].map(({ Metadata: { name, version } }) => `${collection} ${name} ${version}`),
      )
      .sort();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#program[Symbol.asyncDispose]();
  }
}
