package io.raftlite.http;

import io.raftlite.EntryId;
import io.raftlite.NodeId;
import io.undertow.server.HttpServerExchange;
import java.util.List;

/**
 * Why a request of a peer is not even looked at; it has had no effect.
 *
 * @param status the HTTP status
 * @param code names the cause, for programs
 * @param detail names it for people, in a sentence with the values that do not fit
 * @param hint says what to do about it
 */
record Refusal(int status, String code, String title, String detail, String hint) {
    private static final String OTHER_FORM =
            "give --peers at every node of the cluster in one form, all as URLs or all as ID=URL";
    private static final int MAX_SENTENCE_LENGTH = 600;

    /** Returns cause and remedy as one line. */
    String sentence() {
        String both = hint.isEmpty() ? detail : detail + ": " + hint;
        return Quote.plain(both, MAX_SENTENCE_LENGTH);
    }

    static Refusal malformed(String sentence) {
        return new Refusal(400, "malformed", "Malformed message", sentence, "");
    }

    static Refusal missingHeaders(List<String> missing) {
        return new Refusal(
                400,
                "malformed",
                "Headers are missing",
                "a message between nodes names its cluster, sender and receiver in headers, and here "
                        + String.join(", ", missing) + (missing.size() == 1 ? " is missing" : " are missing"),
                "add them (with curl: -H '" + missing.get(0) + ": …'), or send commands to /submit instead");
    }

    static Refusal newerVersion(long version) {
        return new Refusal(
                400,
                "unsupported-version",
                "Protocol version not supported",
                "the message is of protocol version " + version + ", this node speaks version "
                        + WireHeaders.PROTOCOL_VERSION + " at most",
                "update this node too");
    }

    /** @param bound the incarnation that the membership of {@code id} is bound to */
    static Refusal wiped(NodeId id, long bound, long other) {
        return new Refusal(
                409,
                "wiped",
                "Member lost its data",
                "member " + Quote.of(id.value()) + " has incarnation " + bound + ", but the node there now has " + other
                        + ": its data directory was wiped or replaced, and it has forgotten what it promised",
                "start it with its old data, or remove the member and add it again");
    }

    static Refusal foreignCluster(String theirs, String ours) {
        return new Refusal(
                421,
                "foreign-cluster",
                "Message of another cluster",
                "the message is of cluster " + Quote.of(theirs) + ", this node is of cluster " + Quote.of(ours),
                "start all nodes of one cluster with the same --cluster name and the same members in --peers,"
                        + " all as URLs or all as ID=URL");
    }

    static Refusal misdirected(NodeId called, NodeId self) {
        return new Refusal(
                421,
                "misdirected",
                "Message for another node",
                "the message is for " + Quote.of(called.value()) + ", but this node is " + Quote.of(self.value()),
                isAddress(called) == isAddress(self) ? otherId(called) : OTHER_FORM);
    }

    private static boolean isAddress(NodeId id) {
        return id.value().startsWith("http://");
    }

    private static String otherId(NodeId called) {
        return "let --peers of the sender call this node by that id, or start this node with --advertise "
                + Quote.plain(called.value(), 255) + " if that is its address";
    }

    static Refusal sameId(NodeId self) {
        return new Refusal(
                409,
                "duplicate-id",
                "Two nodes have one id",
                "the sender has the id of this node, " + Quote.of(self.value()),
                "give each node its own --id, and its own --advertise address");
    }

    static Refusal sameName(String name, NodeId first, NodeId second) {
        return new Refusal(
                409,
                "duplicate-name",
                "Two nodes have one name",
                "two nodes are named " + Quote.of(name) + ": " + Quote.of(first.value()) + " and "
                        + Quote.of(second.value()),
                "start one of them with another --id");
    }

    static Refusal tooLarge(int maxBytes) {
        return new Refusal(
                413,
                "too-large",
                "Message too large",
                "the body is larger than " + maxBytes + " bytes",
                "send fewer or smaller entries");
    }

    static Refusal methodNotAllowed(HttpServerExchange exchange, String allowed) {
        String method = exchange.getRequestMethod().toString();
        return new Refusal(
                405,
                "method-not-allowed",
                "Method not allowed",
                Quote.plain(method, 20) + " " + exchange.getRequestPath() + " is not allowed",
                "use " + allowed);
    }

    static Refusal needsUpgrade(String protocol) {
        return new Refusal(
                426,
                "upgrade-required",
                "Upgrade required",
                "a stream between nodes is a connection of HTTP/1.1 that is upgraded to " + protocol,
                "send Connection: upgrade and Upgrade: " + protocol + ", or use /append_entries and the like");
    }

    static Refusal tooManyStrangers() {
        return new Refusal(
                503,
                "overloaded",
                "Too many streams",
                "too many senders that are no members hold streams to this node",
                "try again later");
    }

    static Refusal overloaded() {
        return new Refusal(
                503,
                "overloaded",
                "Too many open requests",
                "newer requests of the same sender took the place of this one",
                "send fewer at a time");
    }

    static Refusal noSnapshot(EntryId last) {
        return new Refusal(
                404,
                "no-snapshot",
                "No such snapshot",
                "this node has no snapshot of " + last + ", or no longer",
                "wait for the leader to offer its latest one");
    }

    static Refusal beyondTheEnd(long first, long sizeBytes) {
        return new Refusal(
                416,
                "beyond-the-end",
                "Range not satisfiable",
                "the range starts at byte " + first + " of " + sizeBytes,
                "ask for the whole");
    }

    static Refusal unreadable(String reason) {
        return new Refusal(500, "unreadable", "Snapshot cannot be read", "the snapshot cannot be read: " + reason, "");
    }

    static Refusal tooManyTransfers(int max) {
        return new Refusal(
                503,
                "overloaded",
                "Too many transfers",
                "this node sends " + max + " snapshots already",
                "try again later");
    }

    static Refusal stopping() {
        return new Refusal(503, "node-stopping", "Node is stopping", "this node is stopping", "try again later");
    }

    /** Returns what to make of an answer that no node of ours can have given. */
    static Refusal notOurs(int status, String what) {
        return new Refusal(
                status,
                "not-a-node",
                "Not a node",
                what,
                "check that its address in --peers is that of a Raft Lite node");
    }
}
