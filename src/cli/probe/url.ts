import { GalleyError } from "../../lib/errors.ts";
import { httpGet } from "../status/http-get.ts";
import type { Probed } from "./file.ts";

const MAX_BYTES = 65_536;

/** Reads a URL to probe; throws `GalleyError` if it is none over plain HTTP. */
export function parseProbeUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === "http:" && url.username === "") return url;
  throw new GalleyError("GLY_VALUE", `--url=${text}: expected http://HOST:PORT/PATH`, {
    hint: "the server of this machine tells at http://127.0.0.1:15014/readyz whether it is ready",
  });
}

/** Whether a URL answers with success in time; what it says otherwise is the reason. */
export async function probeUrl(url: URL, timeoutMs: number): Promise<Probed> {
  const target = {
    host: url.hostname.replace(/^\[(.*)\]$/u, "$1"),
    port: url.port === "" ? 80 : Number(url.port),
    path: `${url.pathname}${url.search}`,
  };
  try {
    const { status, body } = await httpGet({ ...target, timeoutMs, maxBytes: MAX_BYTES });
    if (status >= 200 && status < 400) return { ok: true };
    return { ok: false, reason: `${url.href} answers with ${status}: ${body.trimEnd()}` };
  } catch (error) {
    const reason = error instanceof Error ? error.message || String(error) : String(error);
    return { ok: false, reason: `${url.href} doesn't answer: ${reason}` };
  }
}
