import type { CollectionRegistry } from "../../model/collections.ts";
import { escapeControls } from "../terminal/escape.ts";
import { calledTable } from "./called-table.ts";
import { formatAge } from "../watch/age.ts";
import { shortName } from "./collection-name.ts";
import { summariseChange } from "./changes-table.ts";
import { collectionsTable, isOfNote } from "./collections-table.ts";
import type { Fields } from "./fields.ts";
import { problemsTable } from "./problems-table.ts";
import { sourcesTable } from "./sources-table.ts";
import { age, count, more, type View } from "./view.ts";

/** The topic `status` for people: one line that says how it is, then a part for each thing there is to look at. */
export function overview(status: Fields, address: string, registry: CollectionRegistry, view: View): string {
  const parts = [
    heading(status, address, view),
    sourcesTable(status.list("sources"), view),
    problemsPart(status.object("problems"), view),
    collectionsPart(status, registry, view),
    sinksPart(status.object("sinks"), registry, view),
    ...calledPart(status.object("called"), view),
  ];
  return parts.join("\n\n");
}

function heading(status: Fields, address: string, { paint }: View): string {
  const isReady = status.flag("ready");
  const up = formatAge(status.number("uptimeSeconds") * 1000);
  const words = `galley ${escapeControls(status.text("version"))} at ${address}, up ${up},`;
  const missing = status.texts("missing").map((what) => `  ${escapeControls(what)}`);
  const load = loadOf(status.object("process"));
  const verdict = isReady ? paint.green("ready") : paint.red("not ready");
  const lines = [`${paint.bold(words)} ${verdict}`, ...missing];
  if (load !== "") lines.push(paint.dim(`  ${load}`));
  const lost = status.number("lostLogRecords");
  if (lost > 0)
    lines.push(paint.yellow(`  ${count(lost, "record")} of the log lost: it can't be written, or not fast enough`));
  return lines.join("\n");
}

/** Lateness of the event loop that is worth a word, milliseconds: sinks notice no less. */
const LATE_MS = 50;

/** What weighs on the process, where it is near what it can bear; the topics `memory` and `event-loop` have the figures. */
function loadOf(process: Fields): string {
  const [used, limit] = [process.number("heapUsed"), process.number("heapLimit")];
  const lateMs = process.object("eventLoop").number("p99Ms");
  const words: string[] = [];
  if (limit > 0 && used > limit / 2) words.push(`heap ${megabytes(used)} of ${megabytes(limit)} MB`);
  if (lateMs >= LATE_MS) words.push(`event loop ${Math.round(lateMs).toLocaleString("en")} ms late`);
  return words.join(", ");
}

function megabytes(bytes: number): string {
  return Math.round(bytes / 1024 ** 2).toLocaleString("en");
}

function problemsPart(problems: Fields, view: View): string {
  const all = problems.number("count");
  if (all === 0) return `${view.paint.bold("Problems:")} none`;
  const counts = problems.object("counts");
  const told = [
    [counts.number("error"), "error"],
    [counts.number("warning"), "warning"],
    [counts.number("info"), "note"],
  ] as const;
  const sum = told.filter(([number]) => number > 0).map(([number, thing]) => count(number, thing));
  const items = problems.list("items");
  const rest = all > items.length ? [more(all - items.length, "galley status problems", view)] : [];
  return [`${view.paint.bold("Problems:")} ${sum.join(", ")}`, problemsTable(items, view), ...rest].join("\n");
}

function collectionsPart(status: Fields, registry: CollectionRegistry, view: View): string {
  const collections = status.list("collections");
  const filled = collections.filter((collection) => collection.number("count") > 0);
  const shown = collections.filter(isOfNote);
  const change = status.object("lastChange");
  const at = change.moment("at");
  const served = `${count(status.number("resources"), "resource")} in ${count(filled.length, "collection")}`;
  const lines = [`${view.paint.bold("Serving:")} ${served}`];
  if (at !== undefined) {
    lines.push(escapeControls(`  changed ${age(at, view.now)} ago: ${summariseChange(change, registry)}`));
  }
  if (shown.length > 0) lines.push(collectionsTable(shown, registry, view));
  return lines.join("\n");
}

function sinksPart(sinks: Fields, registry: CollectionRegistry, view: View): string {
  const { paint, now } = view;
  const all = sinks.number("count");
  const title = paint.bold("Sinks:");
  if (all === 0) return `${title} none connected`;
  const [refused, behind, synced] = [sinks.number("refused"), sinks.number("behind"), sinks.number("synced")];
  const unsubscribed = sinks.number("unsubscribed");
  const states = [
    synced > unsubscribed ? paint.green(`${(synced - unsubscribed).toLocaleString("en")} synced`) : "",
    unsubscribed > 0 ? paint.yellow(`${unsubscribed.toLocaleString("en")} with no subscription yet`) : "",
    behind > 0 ? paint.yellow(`${behind.toLocaleString("en")} behind`) : "",
    refused > 0 ? paint.red(`${refused.toLocaleString("en")} refused what is served`) : "",
  ].filter((state) => state !== "");
  const lines = [`${title} ${all.toLocaleString("en")} connected: ${states.join(", ")}`];
  const oldest = sinks.object("oldestUnanswered");
  const since = oldest.moment("since");
  if (since !== undefined) {
    const who = oldest.text("sinkId") || "a sink without a name";
    const what = `${shortName(oldest.text("collection"), registry)} to ${who} at ${oldest.text("peer")}`;
    lines.push(escapeControls(`  ${age(since, now)} without an answer: ${what}`));
  }
  if (refused + behind + unsubscribed > 0) lines.push(`  ${paint.dim("galley status sinks")} tells which`);
  return lines.join("\n");
}

/** Which of the sinks that are called can't be reached; nothing where none are called. */
function calledPart(called: Fields, view: View): readonly string[] {
  const [all, connected] = [called.number("count"), called.number("connected")];
  if (all === 0) return [];
  const title = `${view.paint.bold("Called:")} ${count(all, "sink")}`;
  const missing = all - connected;
  if (missing === 0) return [`${title}, ${view.paint.green(all === 1 ? "connected" : "all connected")}`];
  const items = called.list("unconnected");
  const rest = missing > items.length ? [more(missing - items.length, "galley status called", view)] : [];
  const verdict = view.paint.red(`${missing.toLocaleString("en")} not connected`);
  return [[`${title}, ${verdict}`, calledTable(items, view), ...rest].join("\n")];
}
