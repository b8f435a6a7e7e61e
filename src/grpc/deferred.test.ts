import { describe, expect, it } from "vitest";
import { deferred } from "./deferred.ts";
import type { Closed, Method, ServerStream, StreamHandler } from "./method.ts";
import type { Status } from "./status.ts";

const PATH = "/test.Service/Method";

/** A stream that writes down what is asked of it. */
function stream(): { readonly asked: string[]; readonly port: ServerStream } {
  const asked: string[] = [];
  const port = {
    pause: () => void asked.push("pause"),
    resume: () => void asked.push("resume"),
    end: ({ code }: Status) => void asked.push(`end ${code}`),
  } as unknown as ServerStream;
  return { asked, port };
}

/** A method whose handlers write down what they hear. */
function listening(heard: string[]): Method {
  const handler: StreamHandler = {
    message: (bytes) => void heard.push(`message ${bytes.length}`),
    halfClose: () => void heard.push("half-close"),
    closed: ({ kind }: Closed) => void heard.push(`closed ${kind}`),
  };
  return {
    path: PATH,
    open() {
      heard.push("open");
      return handler;
    },
  };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe("a deferred method", () => {
  it("holds the first caller back until it is loaded, and hands everything on from then", async () => {
    const heard: string[] = [];
    const { asked, port } = stream();
    const call = deferred(PATH, () => Promise.resolve(listening(heard))).open(port);
    expect([asked, heard]).toEqual([["pause"], []]);
    await turn();
    call.message(new Uint8Array(3));
    call.halfClose();
    call.closed({ kind: "cancelled" });
    expect(asked).toEqual(["pause", "resume"]);
    expect(heard).toEqual(["open", "message 3", "half-close", "closed cancelled"]);
  });

  it("is loaded once, and opened directly after that", async () => {
    const heard: string[] = [];
    let loads = 0;
    const method = deferred(PATH, () => {
      loads++;
      return Promise.resolve(listening(heard));
    });
    method.open(stream().port);
    method.open(stream().port);
    await turn();
    const { asked, port } = stream();
    method.open(port);
    expect([asked, heard, loads]).toEqual([[], ["open", "open", "open"], 1]);
  });

  it("is not opened for a caller who has gone meanwhile", async () => {
    const heard: string[] = [];
    deferred(PATH, () => Promise.resolve(listening(heard)))
      .open(stream().port)
      .closed({ kind: "lost" });
    await turn();
    expect(heard).toEqual([]);
  });

  it("ends the call with INTERNAL when it can't be loaded or throws, and is tried again by the next", async () => {
    const heard: string[] = [];
    const loads = [() => Promise.reject(new Error("no such file")), () => Promise.resolve(listening(heard))];
    const method = deferred(PATH, () => loads.shift()!());
    const first = stream();
    method.open(first.port);
    await turn();
    expect(first.asked).toEqual(["pause", "end 13"]);
    method.open(stream().port);
    await turn();
    expect(heard).toEqual(["open"]);

    const throwing = deferred(PATH, () =>
      Promise.resolve({
        path: PATH,
        open() {
          throw new Error("a bug");
        },
      }),
    );
    const last = stream();
    throwing.open(last.port);
    await turn();
    expect(last.asked).toEqual(["pause", "end 13"]);
  });
});
