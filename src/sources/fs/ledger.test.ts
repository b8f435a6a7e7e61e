import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Collection, ResourceName, ResourceVersion } from "../../model/names.ts";
import type { Identity } from "./identity.ts";
import { Ledger } from "./ledger.ts";
import { comparePaths } from "./paths.ts";
import { Claim, DocumentRecord, FileRecord } from "./records.ts";

/** `name=version`, or `!name` for a document of that name that is broken, or `?` for one that can't be told. */
type Text = string;

function record(file: FileRecord, text: Text): DocumentRecord {
  const document = new DocumentRecord(file, text);
  const identity = (name: string): Identity => ({ kind: "test/Thing", name });
  if (text === "?") document.misses = [{ outcome: "refused", identity: undefined }];
  else if (text.startsWith("!")) document.misses = [{ outcome: "refused", identity: identity(text.slice(1)) }];
  else {
    const [name, version] = text.split("=") as [string, string];
    const claim = new Claim(document, 0, identity(name));
    claim.hold({
      collection: "things" as Collection,
      name: name as ResourceName,
      version: version as ResourceVersion,
      legacy: undefined,
      current: undefined,
      origin: claim,
    });
    document.claims = [claim];
  }
  return document;
}

class World {
  readonly ledger = new Ledger();
  readonly files = new Map<string, FileRecord>();
  readonly served = new Map<string, string>();
  readonly origins = new Map<string, Claim>();

  write(path: string, texts: readonly Text[]): void {
    let file = this.files.get(path);
    if (file === undefined) this.files.set(path, (file = new FileRecord(path, path)));
    const known = [...file.documents];
    const documents = texts.map((text) => {
      const at = known.findIndex(({ hash }) => hash === text);
      return at < 0 ? record(file, text) : known.splice(at, 1)[0]!;
    });
    documents.forEach((document, index) => {
      document.index = index;
      document.line = index + 1;
    });
    this.ledger.assign(file, documents);
  }

  remove(path: string): void {
    const file = this.files.get(path);
    if (file !== undefined) this.ledger.remove(file);
    this.files.delete(path);
  }

  settle(): string[] {
    const { upserts, deletes } = this.ledger.settle();
    const said: string[] = [];
    for (const { name, version, origin } of upserts) {
      expect(this.served.get(name)).not.toBe(version);
      this.served.set(name, version);
      this.origins.set(name, origin as Claim);
      said.push(`+${name}=${version}`);
    }
    for (const { name } of deletes) {
      expect(this.served.delete(name)).toBe(true);
      said.push(`-${name}`);
    }
    return said.sort();
  }
}

describe("the ledger", () => {
  it("nets out what happens between two settlements", () => {
    const world = new World();
    world.write("a", ["x=1"]);
    expect(world.settle()).toEqual(["+x=1"]);
    world.remove("a");
    world.write("b", ["x=1"]);
    expect(world.settle()).toEqual([]);
    world.write("b", ["x=2"]);
    world.write("b", ["x=1"]);
    expect(world.settle()).toEqual([]);
    world.write("c", ["y=1"]);
    world.remove("c");
    expect(world.settle()).toEqual([]);
  });

  it("has a vanishing file yield without losing anything", () => {
    const world = new World();
    world.write("a", ["x=1"]);
    world.write("b", ["x=2"]);
    expect(world.settle()).toEqual(["+x=1"]);
    world.ledger.setVanishing(world.files.get("a")!, true);
    expect(world.settle()).toEqual(["+x=2"]);
    world.ledger.setVanishing(world.files.get("a")!, false);
    expect(world.settle()).toEqual(["+x=1"]);
  });

  it("can be told to keep all that is missing", () => {
    const world = new World();
    world.write("a", ["x=1", "y=1"]);
    world.settle();
    const file = world.files.get("a")!;
    world.ledger.assign(file, [record(file, "x=2")], true);
    expect(world.settle()).toEqual(["+x=2"]);
    expect(world.ledger.loses(file, file.documents)).toBe(true);
    world.ledger.assign(file, file.documents);
    expect(world.settle()).toEqual(["-y"]);
  });

  it("counts documents", () => {
    const world = new World();
    world.write("a", ["x=1", "?", "!y"]);
    world.write("b", ["x=1"]);
    world.write("a", ["x=1"]);
    expect(world.ledger.documents).toBe(2);
    world.remove("a");
    expect(world.ledger.documents).toBe(1);
  });

  it("serves what its rules say after any edits, and says each change once", () => {
    const text = fc.constantFrom("x=1", "x=2", "y=1", "y=2", "z=1", "!x", "!y", "?");
    const path = fc.constantFrom("a", "b", "a/a", "c/b");
    const edit = fc.oneof(
      fc.record({ do: fc.constant("write" as const), path, texts: fc.array(text, { maxLength: 4 }) }),
      fc.record({ do: fc.constant("remove" as const), path }),
      fc.record({ do: fc.constant("settle" as const) }),
    );
    fc.assert(
      fc.property(fc.array(edit, { maxLength: 30 }), (edits) => {
        const world = new World();
        const model = new Map<string, { held: Map<string, string>; texts: readonly Text[] }>();
        for (const step of edits) {
          if (step.do === "settle") world.settle();
          else if (step.do === "remove") {
            world.remove(step.path);
            model.delete(step.path);
          } else {
            world.write(step.path, step.texts);
            model.set(step.path, {
              held: nextHeld(model.get(step.path)?.held ?? new Map(), step.texts),
              texts: step.texts,
            });
          }
        }
        world.settle();
        expect(world.settle()).toEqual([]);
        const expected = new Map<string, string>();
        const places = new Map<string, string>();
        for (const [file, { held }] of [...model].sort(([a], [b]) => comparePaths(a.split("/"), b.split("/")))) {
          for (const [name, version] of held) {
            if (expected.has(name)) continue;
            expected.set(name, version);
            places.set(name, file);
          }
        }
        expect(Object.fromEntries(world.served)).toEqual(Object.fromEntries(expected));
        for (const [name, claim] of world.origins) {
          if (world.served.has(name)) expect(claim.describe().split(":")[0]).toBe(places.get(name));
        }
      }),
      { numRuns: 3000 },
    );
  });
});

/** What a file holds after it was written, told the slow way. */
function nextHeld(before: ReadonlyMap<string, string>, texts: readonly Text[]): Map<string, string> {
  const held = new Map<string, string>();
  for (const text of texts) {
    const [name, version] = text.split("=") as [string, string | undefined];
    if (version !== undefined && !held.has(name)) held.set(name, version);
  }
  for (const [name, version] of before) {
    if (!held.has(name) && (texts.includes("?") || texts.includes(`!${name}`))) held.set(name, version);
  }
  return held;
}
