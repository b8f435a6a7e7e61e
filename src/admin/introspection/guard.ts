import type { IncomingMessage } from "node:http";

import { isLoopbackAddress, isLoopbackHost } from "../http/loopback.ts";

/** Why a request is turned away before its path is looked at. */
export interface Barred {
  readonly code: string;
  readonly message: string;
  readonly remedy: string;
}

/**
 * Keeps web pages from reaching through a browser what only people of this machine should reach. A server on loopback
 * answers to names of this machine only (DNS rebinding); what changes something must neither come from a page of another
 * origin nor from another machine.
 */
export function bar(request: IncomingMessage, isOnLoopback: boolean): Barred | undefined {
  const { host, origin } = request.headers;
  if (isOnLoopback && !isLoopbackHost(host)) {
    const message = "the Host header doesn't name this machine";
    return { code: "foreign-host", message, remedy: "ask for localhost, 127.0.0.1 or [::1]" };
  }
  if (request.method === "GET" || request.method === "HEAD") return undefined;
  if (!isLoopbackAddress(request.socket.remoteAddress ?? "")) {
    const message = "changes are accepted from this machine only";
    return {
      code: "remote-change",
      message,
      remedy: "run the request where Galley runs, or through a port forwarding",
    };
  }
  const site = request.headers["sec-fetch-site"];
  const isForeign = (origin !== undefined && origin !== `http://${host}`) || (site !== undefined && !own.has(site));
  if (isForeign) {
    const message = "the request comes from a web page of another origin";
    return { code: "foreign-origin", message, remedy: "send it with a tool such as curl" };
  }
  return undefined;
}

// What browsers say of a request that a page of the same origin, or the user, makes.
const own: ReadonlySet<string> = new Set(["same-origin", "none"]);
