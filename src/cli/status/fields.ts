/** What JSON from outside holds, read without trust: what isn't there, or is something else, counts as empty. */
export class Fields {
  readonly raw: unknown;

  constructor(raw: unknown) {
    this.raw = raw;
  }

  has(name: string): boolean {
    return this.#get(name) !== undefined;
  }

  text(name: string): string {
    const value = this.#get(name);
    return typeof value === "string" ? value : "";
  }

  number(name: string): number {
    const value = this.#get(name);
    return typeof value === "number" ? value : 0;
  }

  flag(name: string): boolean {
    return this.#get(name) === true;
  }

  /** Milliseconds since the epoch of an RFC 3339 text; undefined if there is none. */
  moment(name: string): number | undefined {
    const ms = Date.parse(this.text(name));
    return Number.isNaN(ms) ? undefined : ms;
  }

  object(name: string): Fields {
    return new Fields(this.#get(name));
  }

  list(name: string): readonly Fields[] {
    return this.#array(name).map((item) => new Fields(item));
  }

  texts(name: string): readonly string[] {
    return this.#array(name).filter((item) => typeof item === "string");
  }

  #array(name: string): readonly unknown[] {
    const value = this.#get(name);
    return Array.isArray(value) ? value : [];
  }

  #get(name: string): unknown {
    if (typeof this.raw !== "object" || this.raw === null || !Object.hasOwn(this.raw, name)) return undefined;
    return (this.raw as Readonly<Record<string, unknown>>)[name] ?? undefined;
  }
}
