import type { Metadata } from "../../grpc/metadata.ts";
import { GalleyError } from "../../lib/errors.ts";
import type { Pem } from "../../grpc/credentials/settings.ts";
import { channelCredentials, type ClientTls } from "../../grpc/dial/tls.ts";

/** Gives an OAuth access token that is good for now; asked before each stream. */
export type TokenSource = () => Promise<string>;

export interface AuthOptions {
  /** `NONE`: plaintext. `GOOGLE`: TLS, and an OAuth token with each stream. */
  readonly authMode: string;
  /** Where the tokens of `GOOGLE` come from (`googleTokens`); required with it. */
  readonly token?: TokenSource;
  /** Authorities that sinks are verified against with `GOOGLE`; those that come with Node unless given. */
  readonly ca?: Pem | readonly Pem[];
}

/** How sinks are dialled. */
export interface SinkCredentials {
  /** Plaintext without it. */
  readonly tls: ClientTls | undefined;
  /** What is sent with a stream to prove who we are. @throws whatever the source of tokens does. */
  headers(): Promise<Metadata>;
}

/** @throws GalleyError `GLY_VALUE` when the mode is unknown; Error when the authorities can't be read. */
export function sinkCredentials({ authMode, token, ca }: AuthOptions): SinkCredentials {
  if (authMode === "NONE") return { tls: undefined, headers: () => Promise.resolve([]) };
  if (authMode !== "GOOGLE") {
    throw new GalleyError("GLY_VALUE", `auth plugin ${JSON.stringify(authMode)} not found`, {
      hint: "The auth mode towards a sink is NONE or GOOGLE, in capitals.",
    });
  }
  if (token === undefined) throw new Error("the auth mode GOOGLE needs a source of tokens");
  const tls: ClientTls = ca === undefined ? {} : { ca };
  channelCredentials(tls);
  return {
    tls,
    headers: async () => [["authorization", `Bearer ${await token()}`]],
  };
}
