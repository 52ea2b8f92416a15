package io.raftlite.client;

/** What the process ends with. */
final class ExitCode {
    static final int DONE = 0;
    static final int ANSWERED_NO = 1;
    static final int USAGE = 2;
    static final int UNAVAILABLE = 3;
    static final int OUTCOME_UNKNOWN = 4;
    static final int REFUSED = 5;
    static final int INVALID_COMMAND = 6;
    static final int BUG = 70;

    private ExitCode() {}

    static int of(RaftClientException error) {
        if (error instanceof RaftClientException.No) {
            return ANSWERED_NO;
        }
        if (error instanceof RaftClientException.Unavailable) {
            return UNAVAILABLE;
        }
        if (error instanceof RaftClientException.OutcomeUnknown) {
            return OUTCOME_UNKNOWN;
        }
        return error instanceof RaftClientException.Refused ? REFUSED : INVALID_COMMAND;
    }
}
