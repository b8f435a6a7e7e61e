import { TRIGGER_COLLECTION } from "../../src/mcp/protocol.ts";
import { Story } from "./story.ts";

/** Conversations by the file that they are kept in. */
export const stories: Readonly<Record<string, () => Promise<Story>>> = {
  async "first-subscribe"() {
    const story = new Story(
      "A first subscribe",
      "A sink asks before the server has read its files, and is answered as soon as it has.",
    );
    await story.connect();
    await story.subscribe("gateways");
    await story.operator("there are gateways a and b", "gateways", { a: "1", b: "1" });
    await story.read();
    await story.ack("gateways", "1");
    await story.operator("changes a", "gateways", { a: "2", b: "1" });
    await story.ack("gateways", "2");
    await story.operator("touches the file of a, and changes nothing", "gateways", { a: "2", b: "1" });
    return story;
  },

  async "empty-collection"() {
    const story = new Story(
      "An empty collection",
      "An empty collection is answered too: sinks are not ready before they have heard of every one. When the last resource\ngoes, the sink is told that there is nothing.",
    );
    await story.read();
    await story.connect();
    await story.subscribe("gateways");
    await story.ack("gateways", "1");
    await story.operator("adds a", "gateways", { a: "1" });
    await story.ack("gateways", "2");
    await story.operator("deletes a", "gateways", {});
    await story.ack("gateways", "3");
    return story;
  },

  async "nack-and-next-version"() {
    const story = new Story(
      "A NACK, and the next version",
      "What a sink refused is not sent to it again. The next version is, with all that was refused still in it.",
    );
    await story.operator("there is gateway a", "gateways", { a: "1" });
    await story.read();
    await story.connect();
    await story.subscribe("gateways");
    await story.ack("gateways", "1");
    await story.operator("makes a mistake in a", "gateways", { a: "bad" });
    await story.nack("gateways", "2", "no port");
    await story.wait(60_000);
    await story.operator("adds b, and sees the mistake only later", "gateways", { a: "bad", b: "1" });
    await story.nack("gateways", "3", "no port");
    await story.operator("mends a", "gateways", { a: "2", b: "1" });
    await story.ack("gateways", "4");
    return story;
  },

  async "slow-reader"() {
    const story = new Story(
      "Conflation under a slow reader",
      "While a sink does not read, or does not answer, configuration moves on. It is sent the newest when it is ready, and\nnever what lay between.",
    );
    await story.operator("there is gateway a", "gateways", { a: "1" });
    await story.operator("there is virtual service v", "virtualservices", { v: "1" });
    await story.read();
    await story.connect(40);
    await story.reading(false);
    await story.subscribe("gateways");
    await story.subscribe("virtualservices");
    for (const version of ["2", "3", "4"]) {
      await story.operator(`changes v to ${version}`, "virtualservices", { v: version });
    }
    await story.operator("changes a", "gateways", { a: "2" });
    await story.reading(true);
    await story.ack("virtualservices", "2");
    await story.ack("gateways", "1");
    return story;
  },

  async "stale-nonces"() {
    const story = new Story(
      "Stale nonces",
      "Only the nonce of the push that waits for its answer counts. Whatever else is answered has no effect, and neither has\nthe answer of another collection. Asking again is no answer.",
    );
    await story.operator("there is gateway a", "gateways", { a: "1" });
    await story.operator("there is virtual service v", "virtualservices", { v: "1" });
    await story.read();
    await story.connect();
    await story.ack("gateways", "7");
    await story.subscribe("gateways");
    await story.subscribe("virtualservices");
    await story.ack("gateways", "2");
    await story.subscribe("gateways");
    await story.ack("gateways", "1");
    await story.operator("changes a", "gateways", { a: "2" });
    await story.ack("gateways", "1");
    await story.nack("gateways", "nonsense", "what is this?");
    await story.operator("changes a once more", "gateways", { a: "3" });
    await story.ack("gateways", "3");
    return story;
  },

  async "resume-with-deletions"() {
    const story = new Story(
      "A resume, deletions included",
      "A sink that asks for deltas names what it holds when it comes back, and is sent what differs: from another server, which\nhas read the same files, too.",
    );
    await story.operator("there are gateways a, b and c", "gateways", { a: "1", b: "1", c: "1" });
    await story.read();
    await story.connect();
    await story.subscribe("gateways", { deltas: true });
    await story.ack("gateways", "1", true);
    await story.breakOff();
    await story.operator("changes a, deletes b, adds d", "gateways", { a: "2", c: "1", d: "1" });
    await story.connect();
    await story.subscribe("gateways", { deltas: true, keeps: { a: "1", b: "1", c: "1" } });
    await story.ack("gateways", "1", true);
    await story.shutDown();
    story.startAgain();
    await story.operator("there are gateways a, c and d, as before", "gateways", { a: "2", c: "1", d: "1" });
    await story.read();
    await story.connect();
    await story.subscribe("gateways", { deltas: true, keeps: { a: "2", c: "1", d: "1" } });
    await story.ack("gateways", "1", true);
    return story;
  },

  async "deltas-after-a-nack"() {
    const story = new Story(
      "Deltas after a NACK",
      "The sinks of Istio 1.3 never ask for deltas in a NACK, so the push after it is full, which heals whatever was wrong. A sink\nthat does ask is sent the refused changes again, with the next ones. Then deltas go on.",
    );
    await story.operator("there are gateways a and b", "gateways", { a: "1", b: "1" });
    await story.read();
    await story.connect();
    await story.subscribe("gateways", { deltas: true });
    await story.ack("gateways", "1", true);
    await story.operator("changes a", "gateways", { a: "2", b: "1" });
    await story.nack("gateways", "2", "not now");
    await story.operator("deletes b", "gateways", { a: "2" });
    await story.ack("gateways", "3", true);
    await story.operator("adds c", "gateways", { a: "2", c: "1" });
    await story.nack("gateways", "4", "not now", true);
    await story.operator("adds d", "gateways", { a: "2", c: "1", d: "1" });
    await story.ack("gateways", "5", true);
    return story;
  },

  async "unknown-collection"() {
    const story = new Story(
      "An unknown collection",
      "Whoever asks for what is not served learns so at once: the stream ends, and says which name it was.",
    );
    await story.read();
    await story.connect();
    await story.subscribe("gateways");
    await story.subscribe("istio/unheard/of");
    return story;
  },

  async trigger() {
    const story = new Story(
      "The trigger",
      "A sink that a source calls refuses the source's first message with UNIMPLEMENTED; that is its manner of speaking, and means\nnothing. Any other mention of the trigger is a collection that is not served.",
    );
    await story.read();
    await story.connect();
    const unimplemented = { code: 12, message: "unsupported collection" };
    await story.sayOdd(`nack ${TRIGGER_COLLECTION} UNIMPLEMENTED`, {
      collection: TRIGGER_COLLECTION,
      errorDetail: unimplemented,
    });
    await story.subscribe("gateways");
    await story.sayOdd(`subscribe ${TRIGGER_COLLECTION}`, { collection: TRIGGER_COLLECTION });
    return story;
  },

  async limiter() {
    const story = new Story(
      "The limit on subscribes",
      "Here a stream may subscribe once, and once more each second. What is too much waits; answers and pushes do not.",
      { burst: 1, perSecond: 1 },
    );
    await story.operator("there is gateway a", "gateways", { a: "1" });
    await story.read();
    await story.connect();
    await story.subscribe("gateways");
    await story.subscribe("virtualservices");
    await story.subscribe("serviceentries");
    await story.ack("gateways", "1");
    await story.operator("changes a", "gateways", { a: "2" });
    await story.ack("gateways", "2");
    await story.wait(1000);
    await story.wait(1000);
    return story;
  },

  async shutdown() {
    const story = new Story(
      "A shutdown",
      "Every stream ends with UNAVAILABLE; a sink comes back, to whoever serves then.",
    );
    await story.operator("there is gateway a", "gateways", { a: "1" });
    await story.read();
    await story.connect();
    await story.subscribe("gateways");
    await story.shutDown();
    story.startAgain();
    await story.operator("there is gateway a", "gateways", { a: "1" });
    await story.read();
    await story.connect();
    await story.subscribe("gateways");
    await story.ack("gateways", "1");
    return story;
  },
};
