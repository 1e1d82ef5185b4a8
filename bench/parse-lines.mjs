// The least that any reader of a journal must do: read it, and parse each line.
import { createReadStream } from "node:fs";

let count = 0;
let rest = "";
for await (const piece of createReadStream(process.argv[2], { encoding: "utf8", highWaterMark: 256 * 1024 })) {
  const lines = (rest + piece).split("\n");
  rest = lines.pop();
  for (const line of lines) {
    JSON.parse(line);
    count++;
  }
}
process.stdout.write(`${count}\n`);
