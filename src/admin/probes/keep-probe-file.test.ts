import { mkdir, mkdtemp, readFile, rm, rmdir, stat, symlink, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Cancel } from "../../lib/clock.ts";
import { silentLogger } from "../../lib/logger.ts";
import { ManualClock } from "../../lib/manual-clock.ts";
import { keepProbeFile } from "./keep-probe-file.ts";

let folder = "";
let path = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "galley-probe-"));
  path = join(folder, "ready");
});
afterEach(() => rm(folder, { recursive: true }));

/** A clock that tells when a look is over: the next one is scheduled then. */
class WatchedClock extends ManualClock {
  #told: () => void = () => undefined;
  readonly periods: number[] = [];

  override schedule(delayMs: number, run: () => void): Cancel {
    const cancel = super.schedule(delayMs, run);
    this.periods.push(delayMs);
    this.#told();
    return cancel;
  }

  async looked(cause: () => void): Promise<void> {
    const over = new Promise<void>((resolve) => (this.#told = resolve));
    cause();
    await over;
  }
}

interface Kept {
  readonly clock: WatchedClock;
  readonly log: typeof silentLogger & { error: ReturnType<typeof vi.fn>; info: ReturnType<typeof vi.fn> };
  readonly keeper: AsyncDisposable;
  /** What keeps it from being well. */
  reason: string | undefined;
  readonly next: () => Promise<void>;
}

async function keep(reason: string | undefined, intervalMs = 2000): Promise<Kept> {
  const clock = new WatchedClock();
  const log = { ...silentLogger, error: vi.fn(), info: vi.fn() };
  let keeper: AsyncDisposable | undefined;
  const kept = {
    clock,
    log,
    reason,
    get keeper(): AsyncDisposable {
      return keeper!;
    },
    next: () => clock.looked(() => clock.advance(clock.periods.at(-1)!)),
  };
  await clock.looked(() => {
    keeper = keepProbeFile({ name: "readiness", path, intervalMs, reason: () => kept.reason, clock, log });
  });
  return kept;
}

const exists = (): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

describe("a probe file", () => {
  test("is there as soon as all is well, and its time is renewed twice an interval", async () => {
    const { clock, keeper, next } = await keep(undefined);
    expect((await stat(path)).mtimeMs).toBe(0);
    await next();
    expect(clock.periods).toEqual([1000, 1000]);
    expect((await stat(path)).mtimeMs).toBe(1000);
    expect((await stat(path)).size).toBe(0);
    await keeper[Symbol.asyncDispose]();
  });

  test("comes when Galley becomes well, goes when it is well no more, and comes back", async () => {
    const kept = await keep("no snapshot yet");
    expect(await exists()).toBe(false);
    for (const [reason, there] of [
      [undefined, true],
      ["lost", false],
      ["lost", false],
      [undefined, true],
    ] as const) {
      kept.reason = reason;
      await kept.next();
      expect(await exists()).toBe(there);
    }
    expect(kept.log.error.mock.calls).toEqual([["the readiness probe fails from now on: lost"]]);
    expect(kept.log.info.mock.calls).toEqual([["the readiness probe succeeds again"]]);
    await kept.keeper[Symbol.asyncDispose]();
  });

  test("that an earlier process left is taken away until all is well", async () => {
    await writeFile(path, "");
    const { keeper } = await keep("starting");
    expect(await exists()).toBe(false);
    await keeper[Symbol.asyncDispose]();
  });

  test("is gone after the end, and nothing is scheduled any more", async () => {
    const { clock, keeper } = await keep(undefined);
    await keeper[Symbol.asyncDispose]();
    await keeper[Symbol.asyncDispose]();
    expect([await exists(), clock.pending]).toEqual([false, 0]);
  });

  test("is gone even if the end comes while it is written", async () => {
    const clock = new ManualClock();
    const reason = (): undefined => undefined;
    const keeper = keepProbeFile({ name: "liveness", path, intervalMs: 100, reason, clock, log: silentLogger });
    await keeper[Symbol.asyncDispose]();
    expect([await exists(), clock.pending]).toEqual([false, 0]);
  });

  test("that can't be written is said once, and once more when it can", async () => {
    path = join(folder, "missing", "ready");
    const kept = await keep(undefined);
    const { log, next, keeper } = kept;
    await next();
    kept.reason = "lost";
    await next();
    kept.reason = undefined;
    await next();
    expect(log.error.mock.calls.filter(([message]) => message.includes("file"))).toEqual([
      [expect.stringMatching(/^the readiness probe file can't be kept: ENOENT.*--readiness-probe-path$/u), { path }],
    ]);
    expect(log.info.mock.calls).toEqual([["the readiness probe succeeds again"]]);
    await mkdir(join(folder, "missing"));
    await next();
    expect(log.info.mock.calls.at(-1)).toEqual(["the readiness probe file is kept again", { path }]);
    expect(await exists()).toBe(true);
    await keeper[Symbol.asyncDispose]();
  });

  test("never takes the place of something else, nor is anything else deleted", async () => {
    await writeFile(path, "a: 1\n");
    await utimes(path, 7, 7);
    const kept = await keep(undefined);
    kept.reason = "lost";
    await kept.next();
    await kept.keeper[Symbol.asyncDispose]();
    expect([await readFile(path, "utf8"), (await stat(path)).mtimeMs]).toEqual(["a: 1\n", 7000]);
    expect(kept.log.error).toHaveBeenCalledWith(expect.stringContaining("left alone"), { path });
  });

  test("isn't written through a link, nor in place of a folder", async () => {
    const target = join(folder, "target");
    await writeFile(target, "");
    await utimes(target, 7, 7);
    await symlink(target, path);
    await using linked = (await keep(undefined)).keeper;
    expect((await stat(target)).mtimeMs).toBe(7000);
    await linked[Symbol.asyncDispose]();

    path = join(folder, "folder");
    await mkdir(path);
    const { log, keeper } = await keep(undefined);
    await keeper[Symbol.asyncDispose]();
    expect(log.error).toHaveBeenCalledTimes(1);
    await rmdir(path);
  });

  test("doesn't keep the file system busy, however short the interval", async () => {
    const { clock, keeper } = await keep(undefined, 0.001);
    expect(clock.periods).toEqual([50]);
    await keeper[Symbol.asyncDispose]();
  });
});
