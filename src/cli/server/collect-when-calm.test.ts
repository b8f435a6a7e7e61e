import { describe, expect, it, vi } from "vitest";
import { collectWhenCalm } from "./collect-when-calm.ts";

/** Something that nobody holds any more, seen through a reference that doesn't hold it either. */
function garbage(): WeakRef<object> {
  return new WeakRef({ text: "nobody needs this" });
}

describe("a process that rests", () => {
  it("collects its garbage though it doesn't need the room", async () => {
    const left = garbage();
    collectWhenCalm();
    await vi.waitUntil(() => left.deref() === undefined, { timeout: 30_000, interval: 200 });
    expect("gc" in globalThis).toBe(false);
  });
});
