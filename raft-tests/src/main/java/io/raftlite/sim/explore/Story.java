package io.raftlite.sim.explore;

import io.raftlite.Message;

/** Tells step by step how a cluster came to a state. */
final class Story {
    private final Scope scope;
    private final Post post;
    private final StringBuilder text = new StringBuilder();
    private int steps;

    Story(Scope scope, Post post) {
        this.scope = scope;
        this.post = post;
    }

    void begin(World world) {
        text.append(scope.isAfterElection() ? "A was elected, and all is quiet" : "all servers have just started");
        newLine();
        world.nodes().forEach(this::tell);
    }

    /** Tells an action and what became of its server. */
    void tell(Action action, World after) {
        tell(action);
        tell(after.nodes().get(action.server()));
    }

    /** Tells an action after which there is nothing more to tell. */
    void tell(Action action) {
        steps++;
        text.append(steps).append(". ").append(words(action));
        newLine();
    }

    private void tell(Node node) {
        text.append("      ").append(node);
        newLine();
    }

    private void newLine() {
        text.append(System.lineSeparator());
    }

    private String words(Action action) {
        String server = scope.server(action.server()).value();
        return switch (action.kind()) {
            case DELIVER -> words(post.message(action.argument()));
            case DUPLICATE -> words(post.message(action.argument())) + " (and may come again)";
            case TOGETHER -> "all that is under way to " + server + " arrives at once, and it has flushed a write";
            case PERSIST -> server + " has flushed " + action.argument() + " of its writes";
            case CRASH ->
                server + " crashes, of its unfinished writes " + action.argument() + " survive; it starts anew";
            case TIMEOUT -> server + " has waited long enough";
            case LAPSE -> server + " has not heard its leader for an election timeout";
            case HEARTBEAT -> server + " is due to send heartbeats";
            case PROPOSE -> "a client proposes a command to " + server;
            case READ -> "a client reads from " + server;
            case CHANGE -> server + " is asked to change the members";
            case TRANSFER -> server + " is asked to hand over to " + scope.server(action.argument());
        };
    }

    private static String words(Message message) {
        String content = message.toString().replace("envelope=" + message.envelope() + ", ", "");
        return message.envelope().from() + " -> " + message.envelope().to() + "  " + content;
    }

    @Override
    public String toString() {
        return text.toString();
    }
}
