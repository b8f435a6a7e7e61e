import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { GalleyProcess } from "../../support/galley-process.ts";
import type { Tally } from "../tally.ts";
import { gateway, put } from "./content.ts";
import { Conversation } from "./conversation.ts";
import { equal } from "./eventually.ts";
import { OriginalGalley } from "./original.ts";
import type { IstioPrograms } from "./programs.ts";

const gateways = "istio/networking/v1alpha3/gateways";
const services = "istio/networking/v1alpha3/virtualservices";
const synthetic = "istio/networking/v1alpha3/synthetic/serviceentries";

/** What a sink and an operator do. */
type Story = (sink: Conversation, write: (text: string) => Promise<void>) => Promise<void>;

/** Conversations that go alike with both servers. */
const alike: Readonly<Record<string, Story>> = {
  async "first requests, of a collection with content, and of an empty one"(sink) {
    sink.say({ collection: gateways, sinkNode: { id: "foreign", annotations: { a: "b" } } });
    await sink.hear();
    sink.accept();
    sink.say({ collection: services });
    await sink.hear();
    sink.accept();
    await sink.listen();
  },
  async "one push unanswered, and what changed meanwhile after its answer"(sink, write) {
    sink.say({ collection: gateways });
    await sink.hear();
    sink.accept();
    await write(gateway("a", 81) + gateway("b", 82));
    await sink.hear();
    await write(gateway("a", 83));
    await sink.listen();
    sink.accept();
    await sink.hear();
  },
  async "a refusal, after which the same is not sent again but the next version is"(sink, write) {
    sink.say({ collection: gateways });
    await sink.hear();
    sink.refuse();
    await sink.listen();
    await write(gateway("a", 84));
    await sink.hear();
    sink.accept();
    await sink.listen();
  },
  async "answers that are stale, and what an old sink says of a trigger"(sink) {
    sink.say({ collection: gateways });
    await sink.hear();
    sink.accept();
    sink.say({ collection: gateways, responseNonce: "another" });
    sink.say({ collection: "$triggerCollection", errorDetail: { code: 12, message: "" } });
    await sink.listen();
  },
  async "requests anew, with versions that are kept, and for deltas"(sink) {
    for (const more of [{}, { initialResourceVersions: { "foreign/a": "x" } }, { incremental: true }]) {
      sink.say({ collection: gateways, ...more });
      await sink.hear();
      sink.accept();
    }
    await sink.listen();
  },
  async "two first requests at once"(sink) {
    sink.say({ collection: gateways });
    sink.say({ collection: gateways });
    await sink.hear();
    await sink.listen();
  },
  async "a collection that is never published without Kubernetes"(sink) {
    sink.say({ collection: synthetic });
    await sink.listen();
  },
  async "a refusal without a nonce when nothing is unanswered"(sink) {
    sink.say({ collection: gateways });
    await sink.hear();
    sink.accept();
    sink.say({ collection: gateways, errorDetail: { code: 3, message: "refused by the test" } });
    await sink.hear();
  },
  async "a collection that is not served"(sink) {
    sink.say({ collection: "k8s/core/v1/services" });
    await sink.ended();
  },
  async "the end of what a sink has to say"(sink) {
    sink.say({ collection: gateways });
    await sink.hear();
    await sink.end();
  },
};

/** Conversations that go otherwise by decision, and what each server says last. */
const otherwise: Readonly<Record<string, { story: Story; original: RegExp; ours: RegExp }>> = {
  "a change that changes nothing": {
    async story(sink, write) {
      await write(gateway("a", 80));
      await sink.listen();
      sink.say({ collection: gateways });
      await sink.hear();
      sink.accept();
      await write(`${gateway("a", 80)}# nothing\n`);
      await sink.listen();
    },
    original: /^source: gateways system version 2 nonce 2 everything/,
    ours: /^silence$/,
  },
  // Galley 1.3 takes it for the answer.
  "a change while a push is unanswered, and the collection was asked for again": {
    async story(sink, write) {
      sink.say({ collection: gateways });
      await sink.hear();
      sink.say({ collection: gateways });
      await write(gateway("a", 86));
      await sink.listen();
    },
    original: /^source: gateways system version 2 nonce 2 everything/,
    ours: /^silence$/,
  },
  "a change for a sink that asks for deltas": {
    async story(sink, write) {
      await write(gateway("a", 80) + gateway("b", 81));
      await sink.listen();
      sink.say({ collection: gateways, incremental: true });
      await sink.hear();
      sink.accept(true);
      await write(gateway("b", 82));
      await sink.hear();
    },
    original: /^source: gateways system version 2 nonce 2 everything without \[\] \[foreign\/b version \d+ [^;]*\]$/,
    ours: /^source: gateways system version 2 nonce 2 incremental without \[foreign\/a\] \[foreign\/b version \d+ [^;]*\]$/,
  },
};

/** Tells both servers the same stories, and compares what they say. */
export async function checkConversations(programs: IstioPrograms, into: string, tally: Tally): Promise<void> {
  const [theirs, own] = [join(into, "conversation-original"), join(into, "conversation-ours")];
  for (const folder of [theirs, own]) {
    await mkdir(folder);
    await put(folder, "a.yaml", first);
  }
  await using original = await OriginalGalley.start(programs.galley, theirs);
  await using ours = await GalleyProcess.start(own);
  const tell = (story: Story): Promise<readonly [readonly string[], readonly string[]]> =>
    Promise.all([
      tellTo(original.address, story, async (text) => {
        await put(theirs, "a.yaml", text);
        original.reread();
      }),
      tellTo(ours.address, story, (text) => put(own, "a.yaml", text)),
    ]);

  for (const [title, story] of Object.entries(alike)) {
    await tally.check(`conversation: both say the same to ${title}`, async () => {
      const [what, wanted] = await tell(story);
      equal("what we say", wanted, what);
    });
  }
  for (const [title, { story, ...last }] of Object.entries(otherwise)) {
    await tally.check(`conversation: each says what it is known to say to ${title}`, async () => {
      const [what, wanted] = await tell(story);
      equal(
        `whether the original says ${last.original} and not ${what.at(-1)}`,
        last.original.test(what.at(-1)!),
        true,
      );
      equal(`whether we say ${last.ours} and not ${wanted.at(-1)}`, last.ours.test(wanted.at(-1)!), true);
    });
  }
}

/** What is there as the first story begins: the second has everything that metadata may say. */
const first = `${gateway("a", 80)}${gateway("b", 81).replace(
  "namespace: foreign",
  'namespace: foreign, labels: { "k": "v" }, annotations: { q: r }, creationTimestamp: "2019-09-11T20:59:55Z"',
)}`;

async function tellTo(
  address: string,
  story: Story,
  write: (text: string) => Promise<void>,
): Promise<readonly string[]> {
  using sink = new Conversation(address);
  await story(sink, write);
  return sink.lines;
}
