import { expect, test } from "vitest";
import { ManualClock } from "../../lib/manual-clock.ts";
import { Observed } from "../testing/events.ts";
import { ContentWatch, type Content } from "./watch.ts";

/** Something that can be looked at, with what was told of it. */
class Watched extends Observed implements AsyncDisposable {
  readonly clock = new ManualClock();
  readonly told: string[] = [];
  mark = "a";
  looks = 0;
  /** While it is set, looks wait for it. */
  hold: Promise<void> | undefined;
  readonly watch: ContentWatch<Content>;

  constructor() {
    super();
    const read = async (): Promise<Content> => {
      const { mark } = this;
      this.looks++;
      this.changed();
      await this.hold;
      return { mark };
    };
    this.watch = new ContentWatch({ clock: this.clock, read, changed: ({ mark }) => this.told.push(mark) }, "a");
  }

  /** Moves time on and waits for the look that falls due. */
  async after(ms: number): Promise<void> {
    const next = this.looks + 1;
    this.clock.advance(ms);
    await this.until(() => this.looks === next);
    while (this.clock.pending === 0) await new Promise((resolve) => setImmediate(resolve));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.watch[Symbol.asyncDispose]();
  }
}

test("looks every five seconds, and tells nothing while nothing changes", async () => {
  await using watched = new Watched();
  watched.clock.advance(4_999);
  expect(watched.looks).toBe(0);
  await watched.after(1);
  await watched.after(5_000);
  expect([watched.looks, watched.told]).toEqual([2, []]);
});

test("tells a change when it has stayed for a second", async () => {
  await using watched = new Watched();
  watched.mark = "b";
  await watched.after(5_000);
  expect(watched.told).toEqual([]);
  await watched.after(1_000);
  expect(watched.told).toEqual(["b"]);
  await watched.after(5_000);
  expect(watched.told).toEqual(["b"]);
});

test("waits for what goes on changing, and tells nothing of what is back", async () => {
  await using watched = new Watched();
  for (const mark of ["half", "more", "whole"]) {
    watched.mark = mark;
    await watched.after(watched.looks === 0 ? 5_000 : 1_000);
  }
  expect(watched.told).toEqual([]);
  watched.mark = "a";
  await watched.after(1_000);
  watched.mark = "whole";
  await watched.after(5_000);
  expect(watched.told).toEqual([]);
  await watched.after(1_000);
  expect(watched.told).toEqual(["whole"]);
});

test("looks at once when asked, after the look that is under way, and takes what it finds as settled", async () => {
  await using watched = new Watched();
  let release: () => void = () => undefined;
  watched.hold = new Promise((resolve) => (release = resolve));
  watched.clock.advance(5_000);
  await watched.until(() => watched.looks === 1);
  watched.mark = "b";
  const asked = watched.watch.now();
  release();
  await asked;
  expect([watched.looks, watched.told]).toEqual([2, ["b"]]);
  expect(watched.clock.pending).toBe(1);
});

test("once disposed leaves no timer, and tells nothing of a look that was under way", async () => {
  const watched = new Watched();
  let release: () => void = () => undefined;
  watched.hold = new Promise((resolve) => (release = resolve));
  watched.mark = "b";
  void watched.watch.now();
  await watched.until(() => watched.looks === 1);
  const disposed = watched[Symbol.asyncDispose]();
  release();
  await disposed;
  await watched.watch.now();
  expect([watched.looks, watched.told, watched.clock.pending]).toEqual([1, [], 0]);
});
