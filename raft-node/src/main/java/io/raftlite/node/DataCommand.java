package io.raftlite.node;

import com.google.gson.stream.JsonWriter;
import io.raftlite.Configuration;
import io.raftlite.Entry;
import io.raftlite.RecoveredState;
import io.raftlite.node.storage.OfflineData;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** {@code raft-node data}: looks at the directory of a node that does not run, and changes nothing. */
final class DataCommand {
    static final String NAME = "data";

    private static final int SESSION_BYTES = 24;
    private static final int KEY_LENGTH_BYTES = 2;

    private DataCommand() {}

    static CommandSpec spec() {
        CommandSpec spec = CommandSpec.create().name(NAME).mixinStandardHelpOptions(true);
        spec.usageMessage()
                .description("Looks at the directory of a node that does not run. Nothing is changed.")
                .synopsisSubcommandLabel("(inspect | verify | dump)");
        spec.addSubcommand("inspect", spec("inspect", "Tells what the directory holds, and what is torn or damaged."));
        spec.addSubcommand(
                "verify",
                spec("verify", "Reads every byte; ends with 0 if all is sound (a torn tail is), else with 1."));
        spec.addSubcommand("dump", spec("dump", "Lists the entries of the log."));
        return spec;
    }

    private static CommandSpec spec(String name, String description) {
        CommandSpec spec = CommandSpec.create().name(name).mixinStandardHelpOptions(true);
        spec.usageMessage().description(description);
        spec.addPositional(PositionalParamSpec.builder()
                .type(Path.class)
                .arity("1")
                .paramLabel("DIR")
                .description("the directory that the node was given as --data")
                .build());
        spec.addOption(OptionSpec.builder("--json")
                .type(boolean.class)
                .description("for programs; dump writes an object a line")
                .build());
        return spec;
    }

    static int run(CommandLine.ParseResult parsed, PrintWriter out) throws NodeException {
        if (!parsed.hasSubcommand()) {
            throw new IllegalArgumentException("data needs one of the words inspect, verify and dump");
        }
        CommandLine.ParseResult command = parsed.subcommand();
        Path directory = command.matchedPositionalValue(0, Path.of(""));
        boolean json = command.hasMatchedOption("--json");
        LogSetup.apply("error", "text");
        try (OfflineData data = OfflineData.open(directory)) {
            return switch (command.commandSpec().name()) {
                case "inspect" -> inspect(data, json, out);
                case "verify" -> verify(data, json, out);
                default -> dump(data, json, out);
            };
        } catch (IOException refused) {
            throw new NodeException(String.valueOf(refused.getMessage()), refused);
        } finally {
            out.flush();
        }
    }

    private static int inspect(OfflineData data, boolean json, PrintWriter out) {
        if (json) {
            out.println(object(fields -> {
                writeIdentity(fields, data);
                writeState(fields, data);
                writeFiles(fields, data);
                writeFindings(fields, data);
            }));
            return CommandLine.ExitCode.OK;
        }
        line(out, "node", data.birth().self() + ", incarnation " + data.incarnation());
        line(out, "cluster", data.birth().clusterName() + ", id " + data.birth().cluster());
        data.recoveries().forEach(recovery -> line(out, "recovered", recovery));
        data.state().ifPresent(state -> {
            String vote = state.hardState().votedFor().isNone()
                    ? "no vote"
                    : "vote for " + state.hardState().votedFor();
            line(out, "term", state.hardState().term() + ", " + vote);
            line(out, "entries", indexes(data, state) + ", commit hint " + state.commitHint());
            line(
                    out,
                    "base",
                    state.base().index() == 0
                            ? "none"
                            : "snapshot of " + state.base().last());
        });
        data.configuration().ifPresent(members -> line(out, "members", members.toString()));
        data.segments()
                .forEach(segment -> line(
                        out,
                        "segment",
                        segment.name() + ", " + segment.bytes() + " bytes, " + segment.records()
                                + " records up to offset " + segment.endOffset()));
        data.snapshots()
                .forEach(snapshot -> line(
                        out,
                        "snapshot",
                        snapshot.name() + ", " + snapshot.last() + ", " + snapshot.bytes() + " bytes, "
                                + (snapshot.damage().isPresent() ? "damaged" : "sound")));
        findings(data, out);
        return CommandLine.ExitCode.OK;
    }

    private static String indexes(OfflineData data, RecoveredState state) {
        long count = state.lastIndex() - data.firstIndex() + 1;
        return count == 0 ? "none, last index " + state.lastIndex() : data.firstIndex() + ".." + state.lastIndex();
    }

    private static void line(PrintWriter out, String name, String text) {
        out.printf("%-10s %s%n", name, text);
    }

    private static void findings(OfflineData data, PrintWriter out) {
        data.torn()
                .forEach(torn -> line(
                        out,
                        "torn",
                        torn.file() + ", " + torn.bytes() + " bytes from offset " + torn.offset()
                                + ": the next start cuts them"));
        data.damage().forEach(sentence -> line(out, "damaged", sentence));
    }

    private static int verify(OfflineData data, boolean json, PrintWriter out) {
        boolean sound = data.damage().isEmpty();
        if (json) {
            out.println(object(fields -> {
                fields.name("sound").value(sound);
                fields.name("clean").value(sound && data.torn().isEmpty());
                writeFindings(fields, data);
            }));
        } else {
            findings(data, out);
            if (sound) {
                out.println("OK: " + data.segments().size() + " segments and "
                        + data.snapshots().size() + " snapshots are sound"
                        + (data.torn().isEmpty() ? "" : "; a torn tail is what a crash leaves, and no damage"));
            }
        }
        return sound ? CommandLine.ExitCode.OK : CommandLine.ExitCode.SOFTWARE;
    }

    private static int dump(OfflineData data, boolean json, PrintWriter out) throws IOException {
        data.forEachEntry(entry -> {
            Optional<String> text = text(entry);
            Map<String, String> origin = origin(entry);
            String type = entry.type().name().toLowerCase(Locale.ROOT).replace('_', '-');
            if (json) {
                out.println(object(fields -> {
                    fields.name("index").value(entry.index());
                    fields.name("term").value(entry.term());
                    fields.name("timeMillis").value(entry.timeMillis());
                    fields.name("type").value(type);
                    for (Map.Entry<String, String> part : origin.entrySet()) {
                        fields.name(part.getKey()).value(part.getValue());
                    }
                    fields.name(text.isPresent() ? "text" : "base64").value(text.orElseGet(() -> base64(entry)));
                }));
            } else {
                StringBuilder payload = new StringBuilder();
                origin.forEach((name, value) ->
                        payload.append(name).append('=').append(value).append(' '));
                payload.append(text.orElseGet(() -> "base64:" + base64(entry)));
                out.println((entry.index() + "\t" + entry.term() + "\t" + type + "\t" + payload).stripTrailing());
            }
        });
        return CommandLine.ExitCode.OK;
    }

    /** Returns where a command came from: its session and its number there, or its key. */
    private static Map<String, String> origin(Entry entry) {
        ByteBuffer payload = entry.payload().duplicate();
        if (entry.type() == Entry.Type.SESSION_COMMAND) {
            return new TreeMap<>(Map.of(
                    "session", String.valueOf(payload.getLong(0)), "sequence", String.valueOf(payload.getLong(8))));
        }
        if (entry.type() == Entry.Type.KEYED_COMMAND) {
            ByteBuffer key = payload.slice(KEY_LENGTH_BYTES, Short.toUnsignedInt(payload.getShort(0)));
            return Map.of("key", StandardCharsets.UTF_8.decode(key).toString());
        }
        return Map.of();
    }

    private static ByteBuffer command(Entry entry) {
        ByteBuffer payload = entry.payload().duplicate();
        int prefix =
                switch (entry.type()) {
                    case SESSION_COMMAND -> SESSION_BYTES;
                    case KEYED_COMMAND -> KEY_LENGTH_BYTES + Short.toUnsignedInt(payload.getShort(0));
                    default -> 0;
                };
        return payload.slice(prefix, payload.limit() - prefix);
    }

    /** Returns what people can read of an entry: its command if that is text of one line. */
    private static Optional<String> text(Entry entry) {
        if (entry.type() == Entry.Type.CONFIGURATION) {
            return Optional.of(Configuration.decode(entry.payload()).toString());
        }
        try {
            String text =
                    StandardCharsets.UTF_8.newDecoder().decode(command(entry)).toString();
            return text.codePoints().anyMatch(Character::isISOControl) ? Optional.empty() : Optional.of(text);
        } catch (CharacterCodingException bytes) {
            return Optional.empty();
        }
    }

    private static String base64(Entry entry) {
        ByteBuffer command = command(entry);
        byte[] bytes = new byte[command.remaining()];
        command.get(bytes);
        return Base64.getEncoder().encodeToString(bytes);
    }

    private static String object(Answer.Fields fields) {
        StringWriter text = new StringWriter();
        try (JsonWriter json = new JsonWriter(text)) {
            json.setHtmlSafe(false);
            json.beginObject();
            fields.write(json);
            json.endObject();
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
        return text.toString();
    }

    private static void writeIdentity(JsonWriter json, OfflineData data) throws IOException {
        json.name("node").value(data.birth().self().value());
        json.name("incarnation").value(data.incarnation());
        json.name("clusterName").value(data.birth().clusterName());
        json.name("clusterId").value(data.birth().cluster());
        writeTexts(json, "recoveries", data.recoveries());
    }

    private static void writeTexts(JsonWriter json, String name, List<String> texts) throws IOException {
        json.name(name).beginArray();
        for (String text : texts) {
            json.value(text);
        }
        json.endArray();
    }

    private static void writeState(JsonWriter json, OfflineData data) throws IOException {
        if (data.state().isEmpty()) {
            return;
        }
        RecoveredState state = data.state().get();
        json.name("term").value(state.hardState().term());
        json.name("votedFor").value(state.hardState().votedFor().value());
        json.name("commitHint").value(state.commitHint());
        json.name("firstIndex").value(data.firstIndex());
        json.name("lastIndex").value(state.lastIndex());
        json.name("baseIndex").value(state.base().index());
        json.name("baseTerm").value(state.base().last().term());
        if (data.configuration().isPresent()) {
            json.name("members").beginArray();
            for (var member : data.configuration().get().members()) {
                json.beginObject();
                json.name("id").value(member.id().value());
                json.name("address").value(member.address());
                json.name("kind").value(member.kind().name().toLowerCase(Locale.ROOT));
                json.name("incarnation").value(member.incarnation());
                json.endObject();
            }
            json.endArray();
        }
    }

    private static void writeFiles(JsonWriter json, OfflineData data) throws IOException {
        json.name("segments").beginArray();
        for (OfflineData.SegmentFile segment : data.segments()) {
            json.beginObject();
            json.name("file").value(segment.name());
            json.name("bytes").value(segment.bytes());
            json.name("records").value(segment.records());
            json.name("endOffset").value(segment.endOffset());
            json.endObject();
        }
        json.endArray();
        json.name("snapshots").beginArray();
        for (OfflineData.SnapshotFile snapshot : data.snapshots()) {
            json.beginObject();
            json.name("file").value(snapshot.name());
            json.name("index").value(snapshot.last().index());
            json.name("term").value(snapshot.last().term());
            json.name("bytes").value(snapshot.bytes());
            json.name("sound").value(snapshot.damage().isEmpty());
            json.endObject();
        }
        json.endArray();
    }

    private static void writeFindings(JsonWriter json, OfflineData data) throws IOException {
        json.name("torn").beginArray();
        for (OfflineData.Torn torn : data.torn()) {
            json.beginObject();
            json.name("file").value(torn.file());
            json.name("offset").value(torn.offset());
            json.name("bytes").value(torn.bytes());
            json.endObject();
        }
        json.endArray();
        writeTexts(json, "damage", data.damage());
    }
}
