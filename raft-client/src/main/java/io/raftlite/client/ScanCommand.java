package io.raftlite.client;

import com.google.gson.JsonArray;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code scan}: lists keys with their values. */
@Command(
        name = "scan",
        mixinStandardHelpOptions = true,
        versionProvider = VersionProvider.class,
        description = "Lists keys with their values, in the order of keys.")
final class ScanCommand implements Callable<Integer> {
    private static final int PAGE = 1_000;

    private final RaftClientCommand root;

    @Parameters(paramLabel = "PREFIX", arity = "0..1", description = "what the keys begin with")
    private String prefix = "";

    @Option(names = "--limit", paramLabel = "N", description = "how many keys at most, 0 for all [100]")
    private int limit = 100;

    @Option(names = "--after", paramLabel = "KEY", description = "begin behind this key")
    private String after = "";

    ScanCommand(RaftClientCommand root) {
        this.root = root;
    }

    @Override
    public Integer call() {
        if (limit < 0) {
            throw new UsageException("--limit " + limit + " is negative", "0 is for all keys");
        }
        try (Session session = root.open()) {
            return session.format() == Session.Format.text ? lines(session) : whole(session);
        }
    }

    private KeyPage page(Session session, String from, int count) {
        int most = limit == 0 ? PAGE : Math.min(PAGE, limit - count);
        return Session.await(session.client().scan(prefix, from, most));
    }

    /** Writes page after page, so that a large store needs no memory here; ends when nobody reads any more. */
    private int lines(Session session) {
        int count = 0;
        Optional<String> next = Optional.of(after);
        while (next.isPresent() && (limit == 0 || count < limit)) {
            KeyPage page = page(session, next.get(), count);
            for (KeyPage.Item item : page.items()) {
                session.out().print(item.key() + "=" + item.value() + "\n");
            }
            if (session.out().checkError()) {
                return ExitCode.DONE;
            }
            count += page.items().size();
            next = page.next();
        }
        next.ifPresent(key -> session.err().println("There are more: --after " + key));
        return ExitCode.DONE;
    }

    private int whole(Session session) {
        List<KeyPage.Item> items = new ArrayList<>();
        Optional<String> next = Optional.of(after);
        while (next.isPresent() && (limit == 0 || items.size() < limit)) {
            KeyPage page = page(session, next.get(), items.size());
            items.addAll(page.items());
            next = page.next();
        }
        if (session.isJson()) {
            session.print(json(items, next));
            return ExitCode.DONE;
        }
        Table table = new Table("KEY", "VALUE", "VERSION");
        items.forEach(item -> table.row(item.key(), item.value(), String.valueOf(item.version())));
        table.lines().forEach(session::print);
        next.ifPresent(key -> session.err().println("There are more: --after " + key));
        return ExitCode.DONE;
    }

    private static String json(List<KeyPage.Item> items, Optional<String> next) {
        JsonArray array = new JsonArray();
        for (KeyPage.Item item : items) {
            JsonObject one = new JsonObject();
            one.addProperty("key", item.key());
            one.addProperty("value", item.value());
            one.addProperty("version", item.version());
            array.add(one);
        }
        JsonObject json = new JsonObject();
        json.add("items", array);
        json.add("next", next.isPresent() ? new JsonPrimitive(next.get()) : JsonNull.INSTANCE);
        return json.toString();
    }
}
