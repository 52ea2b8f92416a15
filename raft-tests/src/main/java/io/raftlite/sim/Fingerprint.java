package io.raftlite.sim;

import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.CRC32C;

/**
 * Names a version by the classes that decide what a run is: a class and all of ours that it refers to, directly or not. Two
 * builds of the same sources by the same compiler have the same name.
 */
final class Fingerprint {
    private static final String OURS = "io/raftlite/";

    /** The version of what decides a {@link RandomRun}. */
    static final String OF_A_RUN = of(RandomRun.class);

    private Fingerprint() {}

    static String of(Class<?> root) {
        TreeMap<String, Long> hashes = new TreeMap<>();
        ArrayDeque<String> open = new ArrayDeque<>(List.of(root.getName().replace('.', '/')));
        while (!open.isEmpty()) {
            String name = open.remove();
            if (!hashes.containsKey(name)) {
                byte[] content = content(root, name);
                CRC32C sum = new CRC32C();
                sum.update(content);
                hashes.put(name, sum.getValue());
                open.addAll(references(content));
            }
        }
        long all = hashes.size();
        for (Map.Entry<String, Long> one : hashes.entrySet()) {
            all = Lots.with(Lots.with(all, one.getKey()), one.getValue());
        }
        return String.format("%012x", all >>> 16);
    }

    private static byte[] content(Class<?> root, String name) {
        try (InputStream in = root.getResourceAsStream("/" + name + ".class")) {
            return in == null ? new byte[0] : in.readAllBytes();
        } catch (IOException failure) {
            throw new IllegalStateException("the class " + name + " cannot be read", failure);
        }
    }

    /** Returns the classes of ours in the constant pool; Java Virtual Machine Specification §4.4 "The Constant Pool". */
    private static List<String> references(byte[] content) {
        List<String> found = new ArrayList<>();
        if (content.length == 0) {
            return found;
        }
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(content))) {
            in.skipNBytes(8);
            int count = in.readUnsignedShort();
            String[] texts = new String[count];
            List<Integer> classes = new ArrayList<>();
            for (int i = 1; i < count; i++) {
                int tag = in.readUnsignedByte();
                switch (tag) {
                    case 1 -> texts[i] = in.readUTF();
                    case 7 -> classes.add(in.readUnsignedShort());
                    case 8, 16, 19, 20 -> in.skipNBytes(2);
                    case 15 -> in.skipNBytes(3);
                    case 5, 6 -> {
                        in.skipNBytes(8);
                        i++;
                    }
                    default -> in.skipNBytes(4);
                }
            }
            for (int at : classes) {
                String name = texts[at];
                String part = name.startsWith("[") ? name.substring(name.indexOf('L') + 1, name.length() - 1) : name;
                if (part.startsWith(OURS)) {
                    found.add(part);
                }
            }
            return found;
        } catch (IOException failure) {
            throw new IllegalStateException("a class file ends too early", failure);
        }
    }
}
