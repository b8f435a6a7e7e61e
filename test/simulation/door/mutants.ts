import { judgePeer, type AccessList } from "../../../src/grpc/access/list.ts";
import { parseAccessList } from "../../../src/grpc/access/parse-list.ts";
import type { Method, StreamHandler } from "../../../src/grpc/method.ts";
import { status } from "../../../src/grpc/status.ts";
import type { Mutant } from "../mutants.ts";
import type { DoorSeams } from "./door.ts";
import { paths } from "./files.ts";

const nobody: AccessList = { kind: "allow", ids: new Set() };

/** Servers whose door has one fault each, by what they do wrong. */
export const doorMutants: Readonly<Record<string, Mutant>> = {
  "never looks at its files again": [
    /I16/,
    door({
      lookAt: (lookAt) => {
        const first = new Map<string, ReturnType<typeof lookAt>>();
        return (path) => first.get(path) ?? first.set(path, lookAt(path)).get(path)!;
      },
    }),
  ],
  "takes over what may be half-written": [/I15.*half-written/, door({ isHasty: true })],
  "takes a list that can't be read for one that lets everybody in": [
    /I15.*list of no use/,
    door({
      lookAt: (lookAt) => async (path) => {
        const look = await lookAt(path);
        const isBad = path === paths.list && look.kind === "bytes" && !parseAccessList(look.bytes.toString()).ok;
        return isBad ? { kind: "bytes", bytes: Buffer.from("block: []") } : look;
      },
    }),
  ],
  "takes a list that is gone for one that lets nobody in": [
    /I15.*list of no use/,
    door({
      lookAt: (lookAt) => async (path) => {
        const look = await lookAt(path);
        const isGone = path === paths.list && look.kind === "absent";
        return isGone ? { kind: "bytes", bytes: Buffer.from("allow: []") } : look;
      },
    }),
  ],
  "goes on showing its old certificate": [/I15/, door({ show: (_, before) => before })],
  "keeps its old authorities when the certificate is replaced": [
    /I15/,
    door({ show: (next, { ca }) => ({ ...next, ...(ca && { ca }) }) }),
  ],
  "shows a new certificate with the old key": [/I15/, door({ show: (next, { key }) => ({ ...next, key }) })],
  "lets everybody in": [/I13/, door({ judge: () => () => ({ allowed: true }) })],
  "reads a block list as an allow list": [
    /I13|I14/,
    door({
      judge: (judge) => (peer) => (judge(peer).allowed ? judgePeer(nobody, peer) : { allowed: true }),
    }),
  ],
  "does not judge again who is being served": [/I14/, door({ recheck: () => () => undefined })],
  "opens a stream before it judges its sink": [
    /I13/,
    door({
      wrap: (guard) => (method) => {
        let handler: StreamHandler;
        const open: Method["open"] = (stream) => (handler = method.open(stream));
        const judged = guard.wrap({ path: method.path, open: () => handler });
        return { path: method.path, open: (stream) => (open(stream), judged.open(stream)) };
      },
    }),
  ],
  "ends every stream when the list changes": [
    /for no reason/,
    door({
      wrap: (guard) => {
        const ends = new Set<() => void>();
        const recheck = guard.recheck.bind(guard);
        guard.recheck = () => {
          for (const end of ends) end();
          return recheck();
        };
        return (method) => {
          const inner = guard.wrap(method);
          return {
            path: method.path,
            open(stream) {
              ends.add(() => stream.end(status("Unauthenticated", "the list has changed")));
              return inner.open(stream);
            },
          };
        };
      },
    }),
  ],
  "forgets who waits to be let in": [
    /I9/,
    door({ gateClock: (clock) => ({ ...inherited(clock), schedule: () => () => undefined }) }),
  ],
};

function door(seams: DoorSeams): Mutant[1] {
  return { door: seams };
}

function inherited(clock: Parameters<NonNullable<DoorSeams["gateClock"]>>[0]): typeof clock {
  return {
    now: () => clock.now(),
    wall: () => clock.wall(),
    schedule: (delayMs, run) => clock.schedule(delayMs, run),
    defer: (run) => clock.defer(run),
  };
}
