// The mock: requests a second on one core beside a bare handler, long lists, many tasks, many that expire at once.
import { spawn } from "node:child_process";
import { connect } from "node:net";
import { fileURLToPath } from "node:url";
import { node } from "../commands.mjs";
import { median } from "../measure.mjs";
import { count, factor, megabytes, milliseconds, table } from "../text.mjs";

const SUBJECTS = fileURLToPath(new URL("../mock-subjects.mjs", import.meta.url));
const ROUNDS = 5;
const ROUND_MS = 1000;
const CONNECTIONS = 32;

export default async function mock() {
  const [mocked, bare] = await Promise.all([subject("status"), subject("bare")]);
  const rates = { mocked: [], bare: [] };
  const ratios = [];
  for (let round = 0; round <= ROUNDS; round++) {
    const a = await requestsASecond(mocked.said.url);
    const b = await requestsASecond(bare.said.url);
    // The first is for the compiler to warm up.
    if (round === 0) continue;
    rates.mocked.push(a);
    rates.bare.push(b);
    ratios.push(a / b);
  }
  mocked.end();
  bare.end();
  const list = await subject("list");
  const million = await subject("million");
  const expiry = await subject("expiry");
  for (const { end } of [list, million, expiry]) end();
  return table(
    ["the mock, one process", "figure", "target"],
    [
      ["`task_status`", `${count(median(rates.mocked))} a second`, "5,000"],
      ["a bare node:http handler with the same answer", `${count(median(rates.bare))} a second`, ""],
      ["ratio", factor(median(ratios)), ""],
      ["list of 100,000: first byte of the answer", milliseconds(list.said.firstByteMs), ""],
      ["list of 100,000: whole answer", milliseconds(list.said.wholeMs), ""],
      ["list of 100,000: longest stall of the event loop", milliseconds(list.said.stallMs), "50 ms"],
      ["list of 100,000: memory beyond that of the tasks", megabytes(list.said.moreMb), ""],
      ["1,000,000 registered tasks: peak memory", megabytes(million.said.peakMb), "1,000 MB"],
      ["100,000 finished tasks, before any expires: longest stall", milliseconds(expiry.said.idleMs), ""],
      ["expiry of 100,000 in a second: longest stall", milliseconds(expiry.said.stallMs), "50 ms"],
    ],
  );
}

/** A process of its own, which says one line of JSON when it is ready. */
function subject(name) {
  return new Promise((resolve, reject) => {
    const child = spawn(node, ["--expose-gc", SUBJECTS, name], { stdio: ["ignore", "pipe", "inherit"] });
    let text = "";
    child.stdout.setEncoding("utf8").on("data", (chunk) => {
      text += chunk;
      if (text.endsWith("\n")) resolve({ said: JSON.parse(text), end: () => child.kill() });
    });
    child.on("error", reject);
    child.on("exit", (code) => reject(new Error(`the process for ${name} ended with ${code}`)));
  });
}

/** Over plain sockets, because an HTTP client would be the slower side. Every answer has the length of the first. */
async function requestsASecond(url) {
  const { hostname, port, pathname } = new URL(url);
  const request = `GET ${pathname} HTTP/1.1\r\nHost: ${hostname}\r\n\r\n`;
  const until = performance.now() + ROUND_MS;
  let answers = 0;
  const oneConnection = () =>
    new Promise((resolve, reject) => {
      const socket = connect(Number(port), hostname, () => socket.write(request));
      let text = "";
      socket.setEncoding("latin1");
      socket.on("error", reject);
      socket.on("data", (chunk) => {
        text += chunk;
        const end = text.indexOf("\r\n\r\n");
        const length = Number(/content-length: (\d+)/i.exec(text)?.[1]);
        if (end === -1 || text.length < end + 4 + length) return;
        if (!text.startsWith("HTTP/1.1 200")) reject(new Error(text.slice(0, 200)));
        text = "";
        answers++;
        if (performance.now() < until) socket.write(request);
        else socket.destroy(resolve());
      });
    });
  const started = performance.now();
  await Promise.all(Array.from({ length: CONNECTIONS }, oneConnection));
  return (answers * 1000) / (performance.now() - started);
}
