import type { ResourceName, ResourceVersion } from "../model/names.ts";
import { Table } from "./table.ts";

/** What an entry of a map takes beside its texts, about, bytes. */
const ENTRY_BYTES = 64;

/**
 * What a sink said it kept from an earlier stream, told as what differs from a content that it shares with all others: who kept
 * what is published costs nothing, whatever it said.
 */
export class Claim {
  readonly base: Table;
  /** Names whose version is not that of the base; `undefined` where the sink has no such resource. */
  readonly differs: ReadonlyMap<ResourceName, ResourceVersion | undefined>;
  /** Memory that the differences take, about, bytes. */
  readonly bytes: number;

  private constructor(base: Table, differs: ReadonlyMap<ResourceName, ResourceVersion | undefined>) {
    this.base = base;
    this.differs = differs;
    let bytes = 0;
    for (const [name, version = ""] of differs) bytes += name.length + version.length + ENTRY_BYTES;
    this.bytes = bytes;
  }

  /** The versions as they were said. */
  static of(kept: ReadonlyMap<ResourceName, ResourceVersion>): Claim {
    return new Claim(Table.empty, kept);
  }

  /** The version that the sink has of a resource. */
  get(name: ResourceName): ResourceVersion | undefined {
    return this.differs.has(name) ? this.differs.get(name) : this.base.get(name)?.version;
  }

  /** The same, told as what differs from a content, where that is less than what was said. */
  against(content: Table): Claim {
    if (this.base !== Table.empty) return this;
    const said = this.differs;
    const differs = new Map<ResourceName, ResourceVersion | undefined>();
    let known = 0;
    for (const { name, version } of content) {
      const held = said.get(name);
      if (held !== undefined) known++;
      if (held === version) continue;
      if (differs.size === said.size) return this;
      differs.set(name, held);
    }
    if (known < said.size) {
      for (const [name, version] of said) if (content.get(name) === undefined) differs.set(name, version);
    }
    return differs.size < said.size ? new Claim(content, differs) : this;
  }

  /** Of both parts what is left by these. */
  within(base: Table, has: (name: ResourceName) => boolean): Claim {
    const differs = [...this.differs].filter(([name]) => has(name));
    return base === this.base && differs.length === this.differs.size ? this : new Claim(base, new Map(differs));
  }
}
