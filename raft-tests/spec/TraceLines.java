import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tlc2.value.impl.BoolValue;
import tlc2.value.impl.IntValue;
import tlc2.value.impl.RecordValue;
import tlc2.value.impl.SetEnumValue;
import tlc2.value.impl.StringValue;
import tlc2.value.impl.TupleValue;
import tlc2.value.impl.Value;
import util.UniqueString;

/**
 * The module TraceLines for TLC, which takes the methods of a class with a module's name for its operators: reads a trace,
 * one JSON object a line.
 */
public final class TraceLines {
    /** Arrays of these names are sets, all others sequences. */
    private static final Set<String> SETS = Set.of("servers", "birth", "voters", "outgoing", "members");

    private TraceLines() {}

    /** Returns the lines of the file that the system property {@code raft.trace} names. */
    public static Value Lines() throws IOException {
        List<Value> lines = new ArrayList<>();
        for (String line : Files.readAllLines(Path.of(System.getProperty("raft.trace")))) {
            lines.add(value("", JsonParser.parseString(line)));
        }
        return new TupleValue(lines.toArray(new Value[0]));
    }

    private static Value value(String name, JsonElement json) {
        if (json.isJsonObject()) {
            return record(json.getAsJsonObject());
        }
        if (json.isJsonArray()) {
            List<Value> values = new ArrayList<>();
            json.getAsJsonArray().forEach(element -> values.add(value("", element)));
            Value[] all = values.toArray(new Value[0]);
            return SETS.contains(name) ? new SetEnumValue(all, false) : new TupleValue(all);
        }
        if (json.getAsJsonPrimitive().isBoolean()) {
            return json.getAsBoolean() ? BoolValue.ValTrue : BoolValue.ValFalse;
        }
        if (json.getAsJsonPrimitive().isNumber()) {
            return IntValue.gen(json.getAsInt());
        }
        return new StringValue(json.getAsString());
    }

    private static Value record(JsonObject json) {
        List<UniqueString> names = new ArrayList<>();
        List<Value> values = new ArrayList<>();
        for (Map.Entry<String, JsonElement> field : json.entrySet()) {
            names.add(UniqueString.uniqueStringOf(field.getKey()));
            values.add(value(field.getKey(), field.getValue()));
        }
        return new RecordValue(names.toArray(new UniqueString[0]), values.toArray(new Value[0]), false);
    }
}
