import { wantedOf } from "../../property/interests/wish.ts";
import { textOf } from "../content.ts";
import type { Simulation } from "../simulation.ts";
import { kindOf } from "./kinds.ts";

/** Clients that are connected, and half of the others, ask for all that they want. */
export function askAll({ xds, random }: Simulation): void {
  for (const consumer of xds?.consumers ?? []) {
    if (consumer.line === undefined || consumer.line.isOver) {
      if (random.chance(0.5)) continue;
      xds!.connect(consumer);
    }
    for (const url of consumer.urls) if (!consumer.line!.topics.has(url)) consumer.ask(url, random);
  }
}

/** Everyone says what they have to say, reads, and answers; whether anything happened. */
export function advanceClients({ xds, random }: Simulation): boolean {
  let moved = false;
  for (const { line } of xds?.consumers ?? []) {
    if (line === undefined || line.isOver) continue;
    while (line.arrive(random) !== undefined) moved = true;
    moved ||= line.call.readable;
    line.call.read();
    for (const { client } of line.topics.values()) {
      for (; client.mail.length > 0; moved = true) client.answer("ack", 0, undefined);
    }
  }
  return moved;
}

/** Every client that is connected holds exactly what it wants of what is there for it, and knows it (I9, I17). */
export function checkClients({ xds, findings }: Simulation): void {
  for (const { name, line, revision } of xds?.consumers ?? []) {
    if (line === undefined || line.isOver) continue;
    for (const [url, topic] of line.topics) {
      const { client } = topic;
      findings.check(topic.isQuiet, `I9: ${name} is not at rest about ${url}`);
      if (topic.isRefused) continue;
      const due = textOf(wantedOf(client.wish, xds!.views.view(kindOf(url), revision) ?? new Map()));
      const holds = textOf(client.content);
      findings.check(holds === due, `I9: ${name} ends with ${holds} of ${url} instead of ${due}`);
      for (const asked of client.wish.names) {
        findings.check(client.told.has(asked), `I17: nobody answers ${name} whether there is ${asked} of ${url}`);
      }
    }
  }
}
