package io.raftlite.node;

import java.io.IOException;
import java.io.Reader;
import java.nio.charset.CharacterCodingException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;

/** The value of every setting, and where it comes from: flags come before the environment, that before the file. */
final class Settings {
    private record Value(String text, String source) {}

    private final EnumMap<Setting, Value> values = new EnumMap<>(Setting.class);

    private Settings() {}

    /**
     * Resolves every setting.
     *
     * @param file the properties of the file that {@code --config} names, empty without one
     * @throws IllegalArgumentException naming a variable or a key that is not known
     */
    static Settings resolve(Map<Setting, String> flags, Map<String, String> environment, Map<String, String> file) {
        requireKnown(environment, file);
        Settings settings = new Settings();
        for (Setting setting : Setting.values()) {
            String flag = flags.get(setting);
            String variable = environment.get(setting.variable());
            String line = file.get(setting.key());
            if (flag != null) {
                settings.values.put(setting, new Value(flag, "flag"));
            } else if (variable != null) {
                settings.values.put(setting, new Value(variable, "environment " + setting.variable()));
            } else if (line != null) {
                settings.values.put(setting, new Value(line, "file"));
            } else {
                settings.values.put(setting, new Value(setting.defaultValue(), "default"));
            }
        }
        return settings;
    }

    private static void requireKnown(Map<String, String> environment, Map<String, String> file) {
        List<String> variables =
                Arrays.stream(Setting.values()).map(Setting::variable).toList();
        for (String name : new TreeMap<>(environment).keySet()) {
            if (name.startsWith("RAFT_") && !variables.contains(name) && !name.equals("RAFT_ENDPOINTS")) {
                throw new IllegalArgumentException(
                        "unknown environment variable " + name + Setting.suggestion(name, variables));
            }
        }
        List<String> keys = Arrays.stream(Setting.values()).map(Setting::key).toList();
        for (String key : new TreeMap<>(file).keySet()) {
            if (Setting.ofKey(key).isEmpty()) {
                throw new IllegalArgumentException(
                        "unknown key '" + key + "' in the file" + Setting.suggestion(key, keys));
            }
        }
    }

    /** Reads the lines {@code key=value} of a file. */
    static Map<String, String> readFile(Path path) {
        Properties properties = new Properties();
        try (Reader reader = Files.newBufferedReader(path)) {
            properties.load(reader);
        } catch (IOException | IllegalArgumentException failure) {
            throw new IllegalArgumentException("--config: cannot read " + path + ": " + reason(failure), failure);
        }
        TreeMap<String, String> lines = new TreeMap<>();
        properties.forEach((key, value) -> lines.put(String.valueOf(key), String.valueOf(value)));
        return lines;
    }

    private static String reason(Exception failure) {
        if (failure instanceof NoSuchFileException) {
            return "there is no such file";
        }
        if (failure instanceof AccessDeniedException) {
            return "this user may not read it";
        }
        if (failure instanceof CharacterCodingException) {
            return "it is no text in UTF-8";
        }
        return String.valueOf(failure.getMessage());
    }

    String get(Setting setting) {
        return value(setting).text;
    }

    boolean isSet(Setting setting) {
        return !value(setting).text.isEmpty();
    }

    private Value value(Setting setting) {
        Value value = values.get(setting);
        if (value == null) {
            throw new IllegalStateException("every setting is resolved");
        }
        return value;
    }

    String source(Setting setting) {
        return value(setting).source;
    }
}
