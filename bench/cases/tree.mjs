// A tree of 100,000 statuses, in every form, against what a user would type instead.
import { bushyStatus } from "../answers.mjs";
import { everyForm, TITLES } from "../every-form.mjs";
import { table } from "../text.mjs";

const COLUMNS =
  "[.id,.type,.kind,.scope,.state,.is_abortable,.start_time,.end_time,.error,.parent_id,.sequence_number,.shard," +
  ".keyspace,.table,.entity,.progress_units,.progress_total,.progress_completed,(.children_ids|tostring)]";

export default async function tree() {
  const { rows } = await everyForm("tree", "5e1f4b0c-8a1d-4c1e-9d43-000000000000", bushyStatus, COLUMNS);
  return table(TITLES, rows);
}
