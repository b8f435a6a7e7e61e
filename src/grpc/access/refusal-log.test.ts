import { expect, test } from "vitest";
import { ManualClock } from "../../lib/manual-clock.ts";
import { RecordingLogger } from "../testing/recording.ts";
import { RefusalLog } from "./refusal-log.ts";

const peer = { address: "10.0.0.1:5", tls: { authorized: true, uris: ["spiffe://a"] } };

test("one line a minute stands for however many refusals, and says how many", () => {
  const clock = new ManualClock();
  const log = new RecordingLogger();
  const refusals = new RefusalLog(clock, log);
  for (let i = 0; i < 100; i++) refusals.refused(peer, "no");
  clock.advance(60_000);
  refusals.refused({ address: "unix" }, "not either");
  expect(log.lines).toEqual([
    {
      level: "warn",
      message: "a sink was refused: authentication failed",
      fields: { peer: "10.0.0.1:5", reason: "no", identities: "spiffe://a", refusals: 1 },
    },
    {
      level: "warn",
      message: "a sink was refused: authentication failed",
      fields: { peer: "unix", reason: "not either", identities: "", refusals: 100 },
    },
  ]);
});

test("burst and pace can be set", () => {
  const clock = new ManualClock();
  const log = new RecordingLogger();
  const refusals = new RefusalLog(clock, log, { burst: 3, everyMs: 10 });
  for (let i = 0; i < 5; i++) refusals.refused(peer, "no");
  expect(log.lines).toHaveLength(3);
  clock.advance(10);
  refusals.refused(peer, "no");
  expect(log.lines.map(({ fields }) => fields["refusals"])).toEqual([1, 1, 1, 3]);
});

test("a certificate with thousands of names makes no long line", () => {
  const log = new RecordingLogger();
  const uris = Array.from({ length: 5000 }, (_, i) => `spiffe://${i}/${"x".repeat(1000)}`);
  new RefusalLog(new ManualClock(), log).refused({ address: "a", tls: { authorized: true, uris } }, "y".repeat(5000));
  const { identities, reason } = log.lines[0]!.fields;
  expect(String(identities)).toMatch(/^spiffe:\/\/0.*… and 4997 more$/);
  expect(String(identities).length + String(reason).length).toBeLessThan(1000);
});
