import { promises as files } from "node:fs";
import { HttpStatusError, isRequestFailure, UnreachableError } from "../client/errors.js";
import { createHttpEngine } from "../client/http-engine.js";
import { Transport } from "../client/transport.js";
import type { Runtime } from "../runtime/runtime.js";
import type { Timeline } from "../tasks/timeline/timeline.js";
import { UsageError } from "../usage-error.js";
import { traceRequests } from "./otlp.js";

/** The path of the traces endpoint of OTLP over HTTP, below the collector's address. */
const TRACES_PATH = ["v1", "traces"];
const CONNECT_TIMEOUT_MS = 10_000;
const SILENCE_MS = 60_000;
const MOST_BYTES = 1_000_000;
/** OTLP: statuses after which a request may be sent again. */
const BUSY: ReadonlySet<number> = new Set([429, 502, 503, 504]);
/** How often a request is sent at most. */
const MOST_SENDS = 4;
/** The first pause if the collector does not say when to retry; it doubles each time. */
const FIRST_REST_MS = 1_000;
/** The longest pause. */
const LONGEST_REST_MS = 60_000;
/** Maximum of spans in one request: collectors accept a few megabytes at once. */
const MOST_SPANS = 2000;

/** A collector, configured by the variables of OpenTelemetry's own exporters. Nothing that is configured for nodes is used. */
interface Collector {
  readonly url: URL;
  /** The segments below its address, decoded. */
  readonly path: readonly string[];
  readonly headers: Readonly<Record<string, string>>;
  readonly ca: string | undefined;
}

/** @throws UsageError if the URL or a variable of OpenTelemetry is invalid */
export async function collectorAt(text: string, env: Runtime["env"]): Promise<Collector> {
  const { url, path } = parsedUrl(text);
  if (url.username !== "" || url.password !== "") {
    throw new UsageError(
      "option '--otlp <file|url>': put credentials into OTEL_EXPORTER_OTLP_HEADERS, not into the URL",
    );
  }
  const headers = env.OTEL_EXPORTER_OTLP_TRACES_HEADERS || env.OTEL_EXPORTER_OTLP_HEADERS || "";
  const file = env.OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE || env.OTEL_EXPORTER_OTLP_CERTIFICATE;
  const ca =
    file === undefined
      ? undefined
      : await files.readFile(file, "utf8").catch((error: Error) => {
          throw new UsageError(`OTEL_EXPORTER_OTLP_CERTIFICATE: ${error.message}`);
        });
  return { url, path, headers: headersIn(headers), ca };
}

function parsedUrl(text: string): Pick<Collector, "url" | "path"> {
  try {
    const url = new URL(text);
    const segments = url.pathname.split("/").filter((segment) => segment !== "");
    return { url, path: segments.length === 0 ? TRACES_PATH : segments.map(decodeURIComponent) };
  } catch {
    throw new UsageError(`option '--otlp <file|url>': not a URL: ${text}`);
  }
}

/** Parses `name=value,name=value`, percent-encoded. A value may be a secret, so no message repeats it. */
function headersIn(text: string): Record<string, string> {
  const headers = new Map<string, string>();
  for (const pair of text.split(",")) {
    if (pair.trim() === "") continue;
    const [, name = "", encoded = ""] = /^\s*([!#$%&'*+.^_`|~0-9A-Za-z-]+)\s*=\s*(.*?)\s*$/.exec(pair) ?? [];
    let value = "";
    try {
      value = decodeURIComponent(encoded);
    } catch {
      // Treated like a missing one.
    }
    if (name === "" || !/^[\x20-\x7e]+$/.test(value)) {
      throw new UsageError(
        "OTEL_EXPORTER_OTLP_HEADERS takes name=value pairs with commas between them, percent-encoded",
      );
    }
    headers.set(name.toLowerCase(), value);
  }
  return Object.fromEntries(headers);
}

/** What a collector rejected. */
export interface Rejection {
  readonly spans: number;
  readonly reason: string;
}

/**
 * Sends a trace to a collector, one request after the other. If the collector is busy, pauses as long as it asks for.
 * @returns what it rejected
 * @throws Error with the collector's answer
 */
export async function sendTrace(
  { url, path, headers, ca }: Collector,
  timeline: Timeline,
  { clock, interrupt: signal }: Pick<Runtime, "clock" | "interrupt">,
): Promise<Rejection> {
  const engine = await createHttpEngine({
    origin: url,
    connectTimeoutMs: CONNECT_TIMEOUT_MS,
    maxConnections: 1,
    keepAlive: true,
    ...(ca === undefined ? {} : { tls: { ca } }),
  });
  const transport = new Transport({
    engine,
    origin: url.origin,
    headers,
    idleTimeoutMs: SILENCE_MS,
    maxResponseBytes: MOST_BYTES,
    acceptsAnySuccess: true,
  });
  const send = async (body: object): Promise<Rejection> => {
    const query = Object.fromEntries(url.searchParams);
    const request = { method: "POST", path, query, body, signal } as const;
    for (let sends = 1; ; sends++) {
      try {
        return await transport.optionalJson(request, readRejection);
      } catch (error) {
        const restMs = sends < MOST_SENDS ? restAfter(error, sends, clock.now()) : undefined;
        if (restMs === undefined) throw error;
        await clock.sleep(restMs, signal);
      }
    }
  };
  let rejected: Rejection = { spans: 0, reason: "" };
  try {
    for (const body of traceRequests(timeline, MOST_SPANS)) {
      const { spans, reason } = await send(body);
      rejected = { spans: rejected.spans + spans, reason: reason || rejected.reason };
    }
  } catch (error) {
    // An error of the collector is not an error of a node, and must not have the same exit code.
    if (!isRequestFailure(error)) throw error;
    const isRefused = error instanceof UnreachableError && error.code === "ECONNREFUSED";
    const reason = isRefused ? `nothing is listening at ${url.origin}` : error.message;
    throw new Error(`cannot send the trace: ${reason}`, { cause: error });
  } finally {
    await transport.close();
  }
  return rejected;
}

/** How long to wait before the request is sent again; `undefined`: do not send it again. */
function restAfter(error: unknown, sends: number, nowMs: number): number | undefined {
  if (!(error instanceof HttpStatusError) || !BUSY.has(error.status)) return undefined;
  const { retryAfter = "" } = error;
  const saidMs = /^\d+$/.test(retryAfter) ? Number(retryAfter) * 1000 : Date.parse(retryAfter) - nowMs;
  const restMs = Number.isNaN(saidMs) ? FIRST_REST_MS * 2 ** (sends - 1) : Math.max(0, saidMs);
  return restMs <= LONGEST_REST_MS ? restMs : undefined;
}

/** ExportTraceServiceResponse: a count is a number or, as in proto3 JSON, a string. */
function readRejection(value: unknown): Rejection {
  const { partialSuccess } = (value ?? {}) as { partialSuccess?: { rejectedSpans?: unknown; errorMessage?: unknown } };
  const spans = Number(partialSuccess?.rejectedSpans ?? 0);
  const reason = partialSuccess?.errorMessage;
  return { spans: Number.isSafeInteger(spans) ? spans : 0, reason: typeof reason === "string" ? reason : "" };
}
