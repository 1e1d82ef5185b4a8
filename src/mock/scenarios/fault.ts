/** What goes wrong with some of the requests. Of several faults that fit a request, the first one happens. */
export interface Fault {
  /** Which requests, by their method; all where absent. */
  readonly method?: string;
  /** Which requests, by their path without the query: `*` stands for anything but slashes, `**` for anything. All where absent. */
  readonly path?: string;
  /** Which requests, by the node that they ask: its place in the cluster, from 0. All where absent. */
  readonly node?: number;
  /** From when on, after the scenario's start, or after it was added. Default 0. */
  readonly afterSeconds?: number;
  /** For how long it goes on; without end where absent. */
  readonly forSeconds?: number;
  /** To how many requests it happens; without end where absent. */
  readonly count?: number;
  /** To which share of the requests it happens, from 0 to 1. Default 1. */
  readonly probability?: number;

  /** The answer comes so much later. Goes together with any of the others. */
  readonly latencyMs?: number;
  /** The server is not asked: this is the answer's status. */
  readonly status?: number;
  /** The message of the error that is answered, in the server's form. */
  readonly message?: string;
  /** The whole body that is answered, instead of the server's form. */
  readonly body?: string;
  /** Of which type the body is. Default `text/html`. */
  readonly contentType?: string;
  /** The server is not asked: the connection is reset. */
  readonly isReset?: boolean;
  /** The server is asked, but its answer breaks off after so many bytes of its body; at the latest before the last one. */
  readonly truncatedAtBytes?: number;
}
