import { expect, it } from "vitest";
import { systemClock } from "../../lib/clock.ts";
import { exactCopies } from "../../wire/slab.ts";
import { type Disk, markOf, nodeDisk } from "./disk.ts";
import { FileReader } from "./file-reader.ts";
import { defaultLimits, defaultTimings } from "./options.ts";
import { FileRecord } from "./records.ts";
import { decode, thing, things } from "./testing/harness.ts";

/** A disk with one file, written to as long ago as it says. */
class OneFile {
  text = "";
  ageMs = 0;

  get disk(): Disk {
    const stat = {
      kind: "file",
      size: this.text.length,
      mtimeMs: Date.now() - this.ageMs,
      ctimeMs: 0,
      dev: 1,
      ino: 1,
    } as const;
    return { ...nodeDisk, read: () => Promise.resolve({ bytes: Buffer.from(this.text), stat }) };
  }

  async read(file: FileRecord): Promise<{ readonly kind: string; readonly documents: number; readonly racy: boolean }> {
    const { disk } = this;
    const deps = { disk, clock: systemClock, decode, cache: undefined, limits: defaultLimits, timings: defaultTimings };
    const { stat } = await disk.read("", 0);
    const seen = { mark: markOf(stat), size: stat.size, restless: false };
    const how = { store: exactCopies, unpackTo: exactCopies, maxDocuments: 100, helpers: undefined };
    const outcome = await new FileReader(deps).read(file, "/a.yaml", seen, how);
    if (outcome.kind === "reading") {
      file.documents = outcome.reading.documents;
      file.content = outcome.content;
    }
    const racy = "racy" in outcome && outcome.racy;
    return { kind: outcome.kind, documents: file.documents.length, racy };
  }
}

it("tells by its bytes that a file which may have been written to again was not", async () => {
  const only = new OneFile();
  const file = new FileRecord("a.yaml", "a.yaml");
  only.text = things(thing("a"), thing("b"));
  expect(await only.read(file)).toEqual({ kind: "reading", documents: 2, racy: true });
  expect(await only.read(file)).toEqual({ kind: "same", documents: 2, racy: true });
  only.text = thing("a");
  expect(await only.read(file)).toEqual({ kind: "reading", documents: 1, racy: true });
  only.ageMs = 10_000;
  expect(await only.read(file)).toEqual({ kind: "same", documents: 1, racy: false });
  only.text = things(thing("b"), thing("c"));
  expect(await only.read(file)).toEqual({ kind: "reading", documents: 2, racy: false });
});
