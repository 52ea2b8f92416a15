package io.raftlite.node;

import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import io.raftlite.RaftException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * What can go wrong with a request, as RFC 9457 "Problem Details for HTTP APIs" has it told: each kind has a code for
 * programs, and says whether the request took effect and whether it may be tried again.
 */
enum Problem {
    MALFORMED(400, "malformed", "The request is malformed", Outcome.NOT_APPLIED, false, "see /openapi.json"),
    INVALID_COMMAND(400, "invalid-command", "The command is invalid", Outcome.NOT_APPLIED, false, "mend the command"),
    FORBIDDEN_ORIGIN(
            403,
            "forbidden-origin",
            "The request comes from elsewhere",
            Outcome.NOT_APPLIED,
            false,
            "call the node by its own address, and not from a web page of another site"),
    BAD_BACKUP(
            400,
            "bad-backup",
            "The backup is damaged",
            Outcome.NOT_APPLIED,
            false,
            "take another one: raft-client backup"),
    INVALID_CHANGE(
            400,
            "invalid-change",
            "The members cannot be changed like that",
            Outcome.NOT_APPLIED,
            false,
            "look first: raft-client members"),
    NOT_FOUND(
            404, "not-found", "The key has no value", Outcome.APPLIED, false, "set it: raft-client \"SET KEY=value\""),
    NO_SUCH_PATH(404, "no-such-path", "There is nothing at this path", Outcome.NOT_APPLIED, false, "see /openapi.json"),
    METHOD_NOT_ALLOWED(
            405,
            "method-not-allowed",
            "The method is not allowed here",
            Outcome.NOT_APPLIED,
            false,
            "use a method that the header Allow names"),
    NOT_A_NUMBER(
            409, "not-a-number", "The value is no number", Outcome.APPLIED, false, "look at it: raft-client get KEY"),
    CONFLICT(
            409,
            "conflict",
            "Something else is under way",
            Outcome.NOT_APPLIED,
            false,
            "look first: raft-client members"),
    UNSAFE(
            409,
            "unsafe",
            "The cluster might lose its majority",
            Outcome.NOT_APPLIED,
            false,
            "bring the silent voters back, or go on all the same with --force"),
    ALREADY_SEEN(
            409,
            "already-seen",
            "The answer was given before and is no longer kept",
            Outcome.APPLIED,
            false,
            "number commands upwards, and never send one again whose answer was seen"),
    NOT_EMPTY(
            409,
            "not-empty",
            "The store holds data already",
            Outcome.NOT_APPLIED,
            false,
            "restore into a fresh cluster, or replace what it holds with --force"),
    WRONG_CLUSTER(
            409,
            "wrong-cluster",
            "The backup is of another cluster",
            Outcome.NOT_APPLIED,
            false,
            "give the new cluster the name of the old one, or restore with --force"),
    SESSION_EXPIRED(
            410,
            "session-expired",
            "The session is not known, or no longer",
            Outcome.NOT_APPLIED,
            false,
            "register again: POST /api/v1/sessions"),
    COMPARE_FAILED(
            412,
            "compare-failed",
            "The value is another one",
            Outcome.APPLIED,
            false,
            "look at it: raft-client get KEY"),
    TOO_LARGE(413, "too-large", "The request is too large", Outcome.NOT_APPLIED, false, "send less at once"),
    INTERNAL(500, "internal", "The node failed on this request", Outcome.UNKNOWN, false, "look at the node's log"),
    NOT_LEADER(
            503, "not-leader", "This node does not lead", Outcome.NOT_APPLIED, true, "try again: raft-client status"),
    NO_LEADER(
            503,
            "no-leader",
            "The cluster has no leader at present",
            Outcome.NOT_APPLIED,
            true,
            "see which nodes are up: raft-client status"),
    OVERLOADED(503, "overloaded", "The node has too much to do", Outcome.NOT_APPLIED, true, "try again later"),
    NODE_STOPPING(503, "node-stopping", "The node is stopping", Outcome.NOT_APPLIED, true, "try another node"),
    NODE_STOPPED(
            503,
            "node-stopped",
            "The node stopped meanwhile",
            Outcome.UNKNOWN,
            false,
            "read the value at another node"),
    OUTCOME_UNKNOWN(
            504,
            "outcome-unknown",
            "Nobody can tell yet what became of the request",
            Outcome.UNKNOWN,
            false,
            "read the value before you try again"),
    DISK_FULL(507, "disk-full", "The node's disk is full", Outcome.NOT_APPLIED, true, "free space on the node's disk");

    /** Whether a request took effect. */
    enum Outcome {
        NOT_APPLIED("not-applied"),
        APPLIED("applied"),
        UNKNOWN("unknown");

        private final String text;

        Outcome(String text) {
            this.text = text;
        }

        @Override
        public String toString() {
            return text;
        }
    }

    /** Names, for a forwarding node, what the document's {@code outcome} says. */
    static final String OUTCOME_HEADER = "X-Raft-Outcome";

    static final String CONTENT_TYPE = "application/problem+json";

    private static final int RETRY_AFTER_SECONDS = 1;

    private static final int TEMPORARY_REDIRECT = 307;

    /** Stands in a hint for the key that the problem is with. */
    private static final String KEY = "KEY";

    private static final Pattern PLAIN = Pattern.compile("[\\w.:/@%+,-]+");

    private final int status;
    private final String code;
    private final String title;
    private final Outcome outcome;
    private final boolean retryable;
    private final String hint;

    Problem(int status, String code, String title, Outcome outcome, boolean retryable, String hint) {
        this.status = status;
        this.code = code;
        this.title = title;
        this.outcome = outcome;
        this.retryable = retryable;
        this.hint = hint;
    }

    int status() {
        return status;
    }

    String code() {
        return code;
    }

    /** Makes the document; {@code members} write the leader, if known. */
    Answer answer(String detail, Members members) {
        return answer(status, detail, members, hint);
    }

    /** Makes the document of a problem with one key, which the hint names if a shell takes it as it is. */
    Answer answer(String detail, Members members, String key) {
        return answer(status, detail, members, PLAIN.matcher(key).matches() ? hint.replace(KEY, key) : hint);
    }

    /** Makes the document that says to repeat the request at {@code location}. */
    Answer redirect(String detail, Members members, String location) {
        return answer(TEMPORARY_REDIRECT, detail, members, "repeat the request where the header Location says")
                .with("Location", location);
    }

    private Answer answer(int status, String detail, Members members, String hint) {
        Answer answer = Answer.json(status, CONTENT_TYPE, json -> {
            json.name("success").value(false);
            json.name("type").value("urn:raft-lite:problem:" + code);
            json.name("title").value(title);
            json.name("status").value(status);
            json.name("detail").value(detail);
            json.name("code").value(code);
            members.writeLeader(json);
            json.name("outcome").value(outcome.toString());
            json.name("retryable").value(retryable);
            json.name("hint").value(hint);
        });
        return marked(answer, outcome.toString(), retryable);
    }

    private static Answer marked(Answer answer, String outcome, boolean retryable) {
        return answer.with(OUTCOME_HEADER, outcome)
                .with("Retry-After", retryable ? String.valueOf(RETRY_AFTER_SECONDS) : "");
    }

    /**
     * Makes the answer of the document that another node made.
     *
     * @throws IllegalArgumentException if it is no such document
     */
    static Answer relayed(ByteBuffer document) {
        try {
            JsonObject fields = JsonParser.parseString(
                            StandardCharsets.UTF_8.decode(document.duplicate()).toString())
                    .getAsJsonObject();
            Answer answer = new Answer(fields.get("status").getAsInt(), CONTENT_TYPE, Map.of(), document);
            return marked(
                    answer,
                    fields.get("outcome").getAsString(),
                    fields.get("retryable").getAsBoolean());
        } catch (JsonParseException | IllegalStateException | NullPointerException | UnsupportedOperationException e) {
            throw new IllegalArgumentException("the problem of a command is unreadable", e);
        }
    }

    /** Makes the document for a request that ended with {@code failure}. */
    static Answer answer(Throwable failure, Members members) {
        RaftException reason = RaftNode.reason(failure);
        return of(reason).answer(String.valueOf(reason.getMessage()), members);
    }

    /** Makes the document for a request that is wrong, as its sentence says. */
    static Answer ofWrong(IllegalArgumentException wrong, Members members) {
        String sentence = String.valueOf(wrong.getMessage());
        return (sentence.startsWith("usage:") ? INVALID_COMMAND : MALFORMED).answer(sentence, members);
    }

    /** Returns the kind of problem that an error of the core is. */
    static Problem of(RaftException error) {
        if (error instanceof RaftException.NotLeader) {
            return NOT_LEADER;
        }
        if (error instanceof RaftException.Overloaded) {
            return OVERLOADED;
        }
        if (error instanceof RaftException.Rejected rejected) {
            return of(rejected.reason());
        }
        return error instanceof RaftException.NodeStopped ? NODE_STOPPED : OUTCOME_UNKNOWN;
    }

    private static Problem of(RaftException.Rejected.Reason reason) {
        return switch (reason) {
            case INVALID -> INVALID_COMMAND;
            case INVALID_CHANGE -> INVALID_CHANGE;
            case TOO_LARGE -> TOO_LARGE;
            case CONFLICT -> CONFLICT;
            case UNSAFE -> UNSAFE;
            case SESSION_EXPIRED -> SESSION_EXPIRED;
            case ALREADY_SEEN -> ALREADY_SEEN;
        };
    }
}
