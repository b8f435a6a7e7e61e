import type { Server } from "node:net";

import { GalleyError } from "../../lib/errors.ts";

export interface BindOptions {
  /** An IP address or host name; `""` and `*` stand for every interface. */
  readonly address: string;
  /** 0 lets the system choose. */
  readonly port: number;
  /** What the port is for and the flag that sets it, for messages: `monitoring` and `--monitoring-port`. */
  readonly purpose: string;
  readonly flag: string;
}

/** @throws GalleyError `GLY_LISTEN` that names the port, the reason and the flag */
export function bind(server: Server, { address, port, purpose, flag }: BindOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (cause) => reject(refusal(purpose, flag, address, port, cause)));
    server.once("listening", () => {
      server.removeAllListeners("error");
      resolve();
    });
    if (address === "" || address === "*") server.listen({ port });
    // Else Node may take ::1, where a client that asks for 127.0.0.1 finds nobody.
    else server.listen({ port, host: address === "localhost" ? "127.0.0.1" : address });
  });
}

const reasons: Readonly<Record<string, string>> = {
  EADDRINUSE: "it is in use by another process",
  EACCES: "this process may not use it (ports below 1024 need a privilege)",
  EADDRNOTAVAIL: "no interface of this machine has that address",
  ENOTFOUND: "the host name is not known",
};

function refusal(purpose: string, flag: string, address: string, port: number, cause: Error): GalleyError {
  const { code } = cause as NodeJS.ErrnoException;
  const where = address === "" || address === "*" ? "every interface" : address;
  const why = reasons[code ?? ""] ?? cause.message;
  // The words up to the port are those of Galley 1.3.6, which scripts look for.
  return new GalleyError("GLY_LISTEN", `unable to listen on ${purpose} port ${port} (${where}): ${why}`, {
    cause,
    hint: `Choose another port with ${flag}; 0 takes any that is free.`,
    details: { port, address },
  });
}
