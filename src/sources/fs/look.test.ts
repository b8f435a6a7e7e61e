import { describe, expect, it } from "vitest";
import { doubtLoss, hasten, judge, type Known, type Pending, type Sight, type Verdict } from "./look.ts";
import { defaultTimings } from "./options.ts";

const file = (mark: string, size = 100, ageMs = 0): Sight => ({ kind: "file", mark, size, ageMs });
const gone: Sight = { kind: "gone" };
const known: Known = { mark: "old", racy: false };

/** Looks again and again at the times when a look is due; says when the matter was decided, and how. */
function story(
  sights: (ms: number) => Sight,
  start: Known | null = known,
): { readonly ms: number; readonly verdict: Verdict } {
  let pending: Pending | undefined;
  for (let ms = 0; ; ms = pending.dueMs) {
    const verdict = judge(sights(ms), start ?? undefined, pending, ms, defaultTimings);
    if (verdict.kind !== "wait") return { ms, verdict };
    expect(verdict.pending.dueMs).toBeGreaterThan(ms);
    pending = verdict.pending;
  }
}

describe("looking at a file", () => {
  it("that looks as it did when it was read leads to nothing", () => {
    expect(story(() => file("old"))).toEqual({ ms: 0, verdict: { kind: "nothing" } });
  });

  it("that may have been written to unnoticed leads to reading it", () => {
    expect(story(() => file("old"), { mark: "old", racy: true }).verdict.kind).toBe("read");
  });

  it("that stands still leads to reading it on the second look", () => {
    expect(story(() => file("new"))).toEqual({ ms: 10, verdict: { kind: "read", believe: false, restless: false } });
  });

  it("that is new and was written long ago leads to reading it at once", () => {
    expect(judge(file("x", 1, 5000), undefined, undefined, 0, defaultTimings)).toMatchObject({ kind: "read" });
    expect(judge(file("x", 1, 5000), known, undefined, 0, defaultTimings)).toMatchObject({ kind: "wait" });
    expect(judge(file("x", 1, -5000), undefined, undefined, 0, defaultTimings)).toMatchObject({ kind: "wait" });
  });

  it("that is still written to waits until it stands still", () => {
    expect(story((ms) => file(ms < 100 ? `${ms}` : "done")).ms).toBe(110);
  });

  it("that never stands still leads to reading it anyway", () => {
    expect(story((ms) => file(`${ms}`))).toEqual({
      ms: 1000,
      verdict: { kind: "read", believe: false, restless: true },
    });
  });

  it("that stood still all the while is not restless, however long nobody had time for it", () => {
    const verdict = judge(file("new"), known, undefined, 0, defaultTimings);
    const waited = verdict.kind === "wait" ? verdict.pending : undefined;
    const read = { kind: "read", believe: false, restless: false };
    expect(judge(file("new"), known, waited, 60_000, defaultTimings)).toEqual(read);
    const doubted = doubtLoss(waited, "new", 60_000, defaultTimings);
    expect(judge(file("new"), known, doubted, 60_100, defaultTimings)).toMatchObject({
      kind: "wait",
      pending: { dueMs: 60_200 },
    });
    expect(judge(file("new"), known, doubted, 60_200, defaultTimings)).toEqual({ ...read, believe: true });
    expect(judge(file("newer"), known, doubted, 60_200, defaultTimings)).toEqual({ ...read, restless: true });
  });

  it("that is empty takes longer to believe", () => {
    expect(story(() => file("new", 0)).ms).toBe(200);
    expect(story((ms) => (ms < 50 ? file("new", 0) : file("full", 5))).ms).toBe(210);
  });

  it("that lost something believes it only if it is the same after a while", () => {
    const pending = doubtLoss(undefined, "new", 0, defaultTimings);
    expect(pending.dueMs).toBe(200);
    expect(judge(file("new"), known, pending, 200, defaultTimings)).toEqual({
      kind: "read",
      believe: true,
      restless: false,
    });
    expect(judge(file("newer"), known, pending, 200, defaultTimings)).toMatchObject({
      kind: "wait",
      pending: { dueMs: 210 },
    });
    expect(judge(file("new"), known, hasten(pending, 50, defaultTimings), 60, defaultTimings)).toMatchObject({
      kind: "wait",
      pending: { dueMs: 200 },
    });
  });

  it("that is gone leads to its removal after a while, unless it is back by then", () => {
    expect(story(() => gone)).toEqual({ ms: 100, verdict: { kind: "gone" } });
    expect(story((ms) => (ms < 100 ? gone : file("new"))).verdict).toMatchObject({ kind: "read", restless: false });
    expect(story(() => gone, null)).toEqual({ ms: 0, verdict: { kind: "nothing" } });
  });

  it("that long was gone is given time to settle when it is back", () => {
    const away: Pending = { sinceMs: 0, dueMs: 2000, last: "gone", lastMs: 0, changedMs: 0, loss: undefined };
    expect(judge(file("new"), known, away, 2000, defaultTimings)).toMatchObject({
      kind: "wait",
      pending: { dueMs: 2010 },
    });
  });

  it("that is replaced by something else is as good as gone", () => {
    expect(story(() => ({ kind: "folder" })).verdict.kind).toBe("gone");
    expect(story(() => ({ kind: "other" }), null).verdict.kind).toBe("nothing");
  });

  it("that became a link to nowhere is told apart from one that is gone", () => {
    expect(story(() => ({ kind: "dangling" }))).toEqual({ ms: 100, verdict: { kind: "dangling" } });
    expect(story((ms) => ({ kind: ms < 100 ? "gone" : "dangling" })).ms).toBe(200);
  });
});
