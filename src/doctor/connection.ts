import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import {
  HttpStatusError,
  isRequestFailure,
  PROXY_COMMAND_FAILED,
  RequestTimeoutError,
  TLS_FAILURE,
  UnreachableError,
} from "../client/errors.js";
import type { CallOptions, TaskManagerClient } from "../client/task-manager.js";
import { type Finding, ok, wrong } from "./finding.js";

/** Whether the name of the node has an address. */
export async function checkName(url: URL): Promise<Finding> {
  const name = url.hostname.replace(/^\[(.*)\]$/, "$1");
  if (isIP(name) !== 0) return ok("name", `${name} is an address`);
  try {
    const addresses = await lookup(name, { all: true });
    return ok("name", `${name} is ${addresses.map(({ address }) => address).join(", ")}`);
  } catch (error) {
    const { code = "" } = error as NodeJS.ErrnoException;
    return wrong("name", `${name} could not be resolved (${code})`, "give the address of the node with --host");
  }
}

/** What to do about a certificate, by OpenSSL's and Node's codes. */
const TLS_ADVICE: Readonly<Record<string, string>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: "trust the certificate itself with --ca",
  SELF_SIGNED_CERT_IN_CHAIN: "trust its certificate authority with --ca",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "trust its certificate authority with --ca",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "trust its certificate authority with --ca",
  CERT_HAS_EXPIRED: "the node needs a new certificate; --insecure accepts this one",
  CERT_NOT_YET_VALID: "check the clocks of the node and of this machine",
  ERR_TLS_CERT_ALTNAME_INVALID: "use the name that the certificate is for, or --insecure",
  ERR_SSL_WRONG_VERSION_NUMBER: "the port does not use TLS: use http:// or another port",
  EPROTO: "the port does not use TLS: use http:// or another port",
};

function tlsAdvice(code: string): string {
  const advice = TLS_ADVICE[code];
  if (advice !== undefined) return advice;
  return code.includes("ALERT")
    ? "the node wants a client certificate: give one with --cert and --key"
    : "check --ca, --cert and --key, and the TLS settings of the node";
}

/**
 * Port, TLS, token and API, by what one harmless question brings back; the first that is wrong ends the list.
 * @param isProxied whether a proxy command makes the connection, so that nothing is known of the port
 */
export async function checkConnection(
  client: TaskManagerClient,
  url: URL,
  call: CallOptions,
  isProxied: boolean,
): Promise<Finding[]> {
  const secure = url.protocol === "https:";
  const open = isProxied ? [] : [ok("port", `${url.host} accepts connections`)];
  const trusted = secure ? [ok("tls", "the certificate is accepted")] : [];
  try {
    const modules = await client.listModules(call);
    return [...open, ...trusted, ok("api", `the task manager answers: ${modules.join(", ")}`)];
  } catch (error) {
    if (!isRequestFailure(error)) throw error;
    if (error instanceof UnreachableError) {
      if (error.code === PROXY_COMMAND_FAILED) {
        return [
          wrong("proxy", error.message, "run the command by itself, with the node's host for %h and its port for %p"),
        ];
      }
      if (secure && TLS_FAILURE.test(error.code)) return [...open, wrong("tls", error.message, tlsAdvice(error.code))];
      if (error.maybeSent) {
        const advice = secure ? "check the log of the node" : "if the port speaks TLS, give --url https://...";
        return [...open, wrong("api", error.message, `${advice}; check the proxy in front of the node`)];
      }
      return [
        wrong("port", error.message, "check --host, --port and api_address in scylla.yaml; over SSH: --proxy-command"),
      ];
    }
    if (error instanceof RequestTimeoutError) {
      // It is unknown whether the port did not answer, or the server behind it.
      const advice = "check the host, the port and firewalls; --node-timeout gives a slow node more time";
      return [wrong("api", error.message, advice)];
    }
    if (!(error instanceof HttpStatusError)) {
      return [...open, wrong("api", error.message, "check that this is the port of the REST API, 10000 by default")];
    }
    if (error.status === 401 || error.status === 403) {
      return [
        ...open,
        ...trusted,
        wrong("token", error.message, "give the right token with --token-file or TASKS_TOKEN"),
      ];
    }
    return [
      ...open,
      ...trusted,
      wrong("api", error.message, "check the path of --url, and the proxy in front of the node"),
    ];
  }
}
