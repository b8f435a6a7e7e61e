import fc from "fast-check";
import { expect, test } from "vitest";
import { ManualClock } from "../../src/lib/manual-clock.ts";
import type { Resource } from "../../src/model/resource.ts";
import { Istiod } from "../istiod/istiod.ts";
import { releaseOf } from "../istiod/releases.ts";
import { DeltaFollower } from "../support/xds-follower.ts";
import { ENTRIES, entry } from "../support/xds-content.ts";
import { XdsServer } from "../support/xds-server.ts";

// Over real connections, whatever happens in whatever order: in the end everybody holds what is there.

const names = ["a/1", "a/2", "b/1", "b/2"];

/** What one of the clients asks for by name. */
const followed = ["a/1", "b/2", "no/such"];

const anyEntry = fc
  .record({
    name: fc.constantFrom(...names),
    host: fc.constantFrom("one", "two", "three"),
    revision: fc.constantFrom("blue", "green", undefined),
  })
  .map(({ name, host, revision }) =>
    entry(name, host, revision === undefined ? {} : { labels: { "istio.io/rev": revision } }),
  );

const anyContent = fc.uniqueArray(anyEntry, { selector: ({ name }) => name, maxLength: names.length });

const who = fc.nat({ max: 2 });
const anyStep = fc.oneof(
  { weight: 4, arbitrary: anyContent.map((content) => ({ do: "publish", content }) as const) },
  fc.record({ do: fc.constantFrom("pause", "resume", "disconnect"), who } as const),
  fc.record({ do: fc.constantFrom("reconnect", "refuse"), who: fc.nat({ max: 1 }) } as const),
  fc.constant({ do: "wait" } as const),
);

/** Versions that a client of that revision is to hold, by name. */
function versionsFor(content: readonly Resource[], revision: string): ReadonlyMap<string, string> {
  const visible = content.filter((one) => revision === "" || [revision, ""].includes(revisionIn(one)));
  return new Map(visible.map(({ name, version }) => [name, version]));
}

/** Which revision a resource is labelled for: its bytes tell, as the label stands in them as it is. */
function revisionIn(resource: Resource): string {
  const text = Buffer.from(resource.current!).toString("latin1");
  return /istio\.io\/rev..(blue|green)/s.exec(text)?.[1] ?? "";
}

test(
  "any schedule of edits and of clients that come, go, dawdle and refuse converges",
  { timeout: 120_000 },
  async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyStep, { maxLength: 25 }), anyContent, async (steps, last) => {
        await using server = await XdsServer.start();
        const clock = new ManualClock();
        const { address } = server;
        const revisions = ["", "blue", "green"];
        const istiods = [releaseOf("1.12"), releaseOf("1.24–1.29"), releaseOf("1.30")].map(
          (release, i) =>
            new Istiod({ release, address, clock, identity: { revision: revisions[i]! }, random: () => 0 }),
        );
        const followers = [new DeltaFollower(ENTRIES), new DeltaFollower(ENTRIES, ...followed)];
        try {
          for (const follower of followers) follower.connect(address);
          for (const step of steps) {
            if (step.do === "publish") server.publish(...step.content);
            else if (step.do === "wait") await server.heard();
            else if (step.do === "reconnect") followers[step.who]!.connect(address);
            else if (step.do === "refuse") followers[step.who]!.refusals++;
            else istiods[step.who]![step.do]();
            clock.advance(60_000);
          }
          for (const follower of followers) follower.refusals = 0;
          server.publish(entry("c/only-now", "x"));
          for (const istiod of istiods) istiod.resume();
          server.publish(...last);
          for (const [i, istiod] of istiods.entries()) {
            const wanted = versionsFor(last, revisions[i]!);
            await istiod.until(() => {
              clock.advance(60_000); // a stream that broke off is opened again, once its end has been heard of
              const held = istiod.store.of("ServiceEntry");
              const isSame = [...wanted].every(([name, version]) => held.get(name)?.version === version);
              return istiod.unanswered.length === 0 && held.size === wanted.size && isSame;
            });
            expect(istiod.store.drops).toEqual([]);
          }
          const all = versionsFor(last, "");
          await followers[0]!.holds(all);
          await followers[1]!.holds(new Map([...all].filter(([name]) => followed.includes(name))));
          expect(followers.flatMap(({ surprises }) => surprises)).toEqual([]);
        } finally {
          for (const one of [...istiods, ...followers]) one[Symbol.dispose]();
        }
      }),
      { numRuns: 40, timeout: 5_000, interruptAfterTimeLimit: 60_000, markInterruptAsFailure: true },
    );
  },
);
