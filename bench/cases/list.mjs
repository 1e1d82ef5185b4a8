// A list of 100,000 tasks, in every form, against what a user would type instead.
import { stats } from "../answers.mjs";
import { tasks } from "../commands.mjs";
import { everyForm, TITLES } from "../every-form.mjs";
import { measure } from "../measure.mjs";
import { serve } from "../servers.mjs";
import { table } from "../text.mjs";

const LONGEST_HOLD_MS = 10_000;
const COLUMNS =
  "[.task_id,.type,.kind,.scope,.state,.sequence_number,.keyspace,.table,.entity,.shard,.start_time,.end_time]";

export default async function list() {
  const { body, forms, rows } = await everyForm("list", "compaction", stats, COLUMNS);
  for (const [index, [form, args]] of forms.entries()) {
    const starts = form === "piped" ? "no: widths first" : (await startsBeforeTheEnd(body, args)) ? "yes" : "NO";
    rows[index].push(starts);
  }
  return table([...TITLES, "prints before the answer has ended"], rows);
}

/** The last byte of the answer is held back until something is printed, or for a while. */
async function startsBeforeTheEnd(body, args) {
  let release;
  const held = new Promise((resolve) => {
    release = resolve;
  });
  let isOver = false;
  const limit = setTimeout(() => {
    isOver = true;
    release();
  }, LONGEST_HOLD_MS);
  let started = false;
  const onFirstByte = () => {
    started = !isOver;
    clearTimeout(limit);
    release();
  };
  const server = await serve(() => body, { held });
  await measure(tasks(server, "list", "compaction", ...args), { onFirstByte });
  await server.stop();
  return started;
}
